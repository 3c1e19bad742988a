// How long `npm start` takes when everything is built and the data folder exists, and what it holds
// in memory then; beside the start of a bare Node process in the same run.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { report, round, startBenchStudio } from "./studio.ts";

const limitSeconds = 15;
const limitMegabytes = 450;

const dataDir = mkdtempSync(path.join(tmpdir(), "studio-bench-"));
try {
  await (await startBenchStudio({ dataDir })).stop();
  const began = performance.now();
  spawnSync(process.execPath, ["-e", "0"]);
  const bareSeconds = (performance.now() - began) / 1000;

  const studio = await startBenchStudio({ dataDir });
  const { readySeconds } = studio;
  const processes = studio.pids().map(memoryOf);
  await studio.stop();
  report({
    workload: "npm start, second run, until ready",
    seconds: round(readySeconds),
    bareNodeSeconds: round(bareSeconds),
    timesBare: round(readySeconds / bareSeconds),
    limit: `under ${limitSeconds} s`,
    isKept: readySeconds < limitSeconds,
  });
  const server = processes.find(({ command }) => command.includes("server.ts"));
  const megabytes = server?.residentMegabytes ?? Number.POSITIVE_INFINITY;
  report({
    workload: "resident memory after start",
    studioMegabytes: round(megabytes),
    allProcessesSharedCountedOnceMegabytes: round(
      processes.reduce((sum, one) => sum + one.proportionalMegabytes, 0),
    ),
    limit: `studio under ${limitMegabytes} MB`,
    isKept: megabytes < limitMegabytes,
  });
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit();

/** Linux's own figures: resident, and proportional, where shared pages count once over all. */
function memoryOf(pid: number) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1] ?? 0) / 1024;
  return {
    command: readFileSync(`/proc/${pid}/cmdline`, "utf8"),
    residentMegabytes: megabytes("Rss"),
    proportionalMegabytes: megabytes("Pss"),
  };
}
