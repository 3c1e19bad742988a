// Leases of valid tokens: 10,000 grants, the key checked, each lease and its event durable before it is
// answered. Beside two bare node:http servers on the same Node, measured in turn with ours: one that
// answers "ok", and one that reads and answers as many bytes as a lease has.
import { startLeasedGrants } from "./leased-grants.ts";
import { cpuMicrosOf, type Load, load, loadTool, residentMbOf, startServer } from "./load.ts";
import { percentile, report, round } from "./studio.ts";

const grants = 10_000;
const rounds = 3;
const seconds = 3;
const warmUpSeconds = 3;
const limits = {
  ratio: 0.3,
  cpuMicros: 100,
  p50MsOfOne: 1,
  p99MsOf256: 60,
};

const studio = await startLeasedGrants(grants);
const bare = await startServer("bare-server.ts");
const sameBytes = await startServer("bare-server.ts", [String(studio.answerBytes)]);
const { url, sent, pid } = studio;
const median = (values: readonly number[]) => percentile(values, 50);

const ours: Load[] = [];
const bares: number[] = [];
const sameBytesRates: number[] = [];
const cpuMicros: number[] = [];
for (const target of [url, bare.url, sameBytes.url]) await load(target, sent, 32, warmUpSeconds);
for (let round = 0; round < rounds; round += 1) {
  bares.push((await load(bare.url, sent, 32, seconds)).perSecond);
  const cpuBefore = cpuMicrosOf(pid);
  const run = await load(url, sent, 32, seconds);
  cpuMicros.push((cpuMicrosOf(pid) - cpuBefore) / run.requests);
  ours.push(run);
  sameBytesRates.push((await load(sameBytes.url, sent, 32, seconds)).perSecond);
}
const perSecond = median(ours.map((run) => run.perSecond));
const ratio = round(median(ours.map((run, at) => run.perSecond / (bares[at] ?? 0))));
const micros = round(median(cpuMicros));
const errors = ours.reduce((sum, run) => sum + run.errors, 0);
report({
  workload: `lease of a valid token, 32 connections, ${grants} grants`,
  tool: loadTool,
  perSecond: Math.round(perSecond),
  barePerSecond: Math.round(median(bares)),
  ratio,
  ratioToSameBytes: round(median(ours.map((run, at) => run.perSecond / (sameBytesRates[at] ?? 0)))),
  p50Ms: round(median(ours.map(({ p50Ms }) => p50Ms))),
  p99Ms: round(median(ours.map(({ p99Ms }) => p99Ms))),
  serverCpuMicros: micros,
  residentMb: Math.round(residentMbOf(pid)),
  errors,
  limitRatio: limits.ratio,
  limitCpuMicros: limits.cpuMicros,
  isKept: ratio >= limits.ratio && micros <= limits.cpuMicros && errors === 0,
});

const one = await load(url, sent, 1, seconds);
report({
  workload: "the same, 1 connection",
  p50Ms: round(one.p50Ms),
  p99Ms: round(one.p99Ms),
  errors: one.errors,
  limitP50Ms: limits.p50MsOfOne,
  isKept: one.p50Ms <= limits.p50MsOfOne && one.errors === 0,
});

const many = await load(url, sent, 256, seconds);
report({
  workload: "the same, 256 connections",
  perSecond: Math.round(many.perSecond),
  p50Ms: round(many.p50Ms),
  p99Ms: round(many.p99Ms),
  errors: many.errors,
  residentMb: Math.round(residentMbOf(pid)),
  limitP99Ms: limits.p99MsOf256,
  isKept: many.p99Ms <= limits.p99MsOf256 && many.errors === 0,
});

await Promise.all([bare.stop(), sameBytes.stop()]);
await studio.fleet.stop();
process.exit();
