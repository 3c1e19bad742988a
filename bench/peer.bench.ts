// Leases beside better-auth, which keeps and gives out access tokens too: in one run, in turn, on one
// PostgreSQL, 32 connections each.
import pg from "pg";
import { startLeasedGrants } from "./leased-grants.ts";
import { cpuMicrosOf, load, loadTool, startServer } from "./load.ts";
import { percentile, report, round } from "./studio.ts";

const grants = 1_000;
const rounds = 3;
const seconds = 3;
const limitRatio = 15;

const studio = await startLeasedGrants(grants);
const admin = new pg.Client({ connectionString: studio.fleet.ownerUrl });
await admin.connect();
await admin.query("create database peer");
await admin.end();
const peerUrl = new URL(studio.fleet.ownerUrl);
peerUrl.pathname = "/peer";
const peer = await startServer("peer-server.ts", [peerUrl.href]);

const median = (values: readonly number[]) => percentile(values, 50);
const measured = { ours: [] as number[], peer: [] as number[], peerCpu: [] as number[] };
let errors = 0;
const peerRoute = `${peer.url}api/auth/get-access-token`;
const peerSent = peer.sent ?? studio.sent;
await load(studio.url, studio.sent, 32, seconds);
await load(peerRoute, peerSent, 32, seconds);
for (let round = 0; round < rounds; round += 1) {
  const ours = await load(studio.url, studio.sent, 32, seconds);
  const cpuBefore = cpuMicrosOf(peer.pid);
  const theirs = await load(peerRoute, peerSent, 32, seconds);
  measured.ours.push(ours.perSecond);
  measured.peer.push(theirs.perSecond);
  measured.peerCpu.push((cpuMicrosOf(peer.pid) - cpuBefore) / theirs.requests);
  errors += ours.errors + theirs.errors;
}
const ratio = round(median(measured.ours.map((each, at) => each / (measured.peer[at] ?? 0))));
report({
  workload: "lease of a valid token beside better-auth's get-access-token, 32 connections",
  tool: loadTool,
  perSecond: Math.round(median(measured.ours)),
  peerPerSecond: Math.round(median(measured.peer)),
  peerCpuMicros: round(median(measured.peerCpu)),
  ratio,
  errors,
  limitRatio,
  isKept: ratio >= limitRatio && errors === 0,
});
await peer.stop();
await studio.fleet.stop();
process.exit();
