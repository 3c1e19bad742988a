// Every check, one after the other; goes on after a failure so that the end tells all of them.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { requireChromium } from "./chromium.mjs";
import { build, generate, runTool } from "./prepare.mjs";
import { requireRedis } from "./redis.mjs";
import { root } from "./step.mjs";

const results = path.join(root, ".cache/test");
const resultFile = (name) => path.join(results, `${name}.json`);

/** A program whose exit code is the whole result: one check. */
async function tool(command, args) {
  const { code, output } = await runTool(command, args, { capture: true });
  return { passed: code === 0 ? 1 : 0, failures: code === 0 ? [] : [output.trim()] };
}

/** A runner of many tests: its own report is counted, and a run that ends badly is a failure too. */
async function suite(command, args, readReport, env = {}) {
  const { code } = await runTool(command, args, { env });
  const found = readReport();
  if (code !== 0 && found.failures.length === 0) {
    found.failures.push(`${command} ended with exit code ${code}`);
  }
  if (found.passed === 0 && found.failures.length === 0) found.failures.push("no test was found");
  return found;
}

const vitestReport = (name) => () => {
  const file = resultFile(name);
  if (!existsSync(file)) return { passed: 0, failures: [] };
  const report = JSON.parse(readFileSync(file, "utf8"));
  const tests = report.testResults.flatMap((one) =>
    one.assertionResults.map((test) => ({ ...test, file: path.relative(root, one.name) })),
  );
  const failures = tests
    .filter((test) => test.status !== "passed") // skipped and todo count as failed
    .map((test) => `${test.file} > ${test.fullName} (${test.status})`);
  for (const one of report.testResults) {
    // A file that does not load has no tests to count.
    if (
      one.status === "failed" &&
      !one.assertionResults.some(({ status }) => status === "failed")
    ) {
      failures.push(`${path.relative(root, one.name)}: ${one.message}`);
    }
  }
  return { passed: tests.filter((test) => test.status === "passed").length, failures };
};

function playwrightReport() {
  const file = resultFile("playwright");
  if (!existsSync(file)) return { passed: 0, failures: [] };
  const report = JSON.parse(readFileSync(file, "utf8"));
  const specsOf = (part) => [...(part.specs ?? []), ...(part.suites ?? []).flatMap(specsOf)];
  const tests = report.suites
    .flatMap(specsOf)
    .flatMap((spec) =>
      spec.tests.map((test) => ({ name: `${spec.file} > ${spec.title}`, status: test.status })),
    );
  return {
    passed: tests.filter(({ status }) => status === "expected").length,
    failures: [
      ...tests
        .filter(({ status }) => status !== "expected")
        .map(({ name, status }) => `${name} (${status})`),
      ...report.errors.map((error) => error.message ?? String(error)),
    ],
  };
}

const work = (run) => async () => {
  await run();
  return { passed: 1, failures: [] };
};

const quick = [
  ["prisma client", work(generate)],
  ["prisma schema", () => tool("prisma", ["validate"])],
  ["migrations lead to the schema", () => tool("node", ["scripts/migrations.mjs", "check"])],
  ["route types", () => tool("next", ["typegen"])],
  ["types", () => tool("tsc", ["--noEmit"])],
  ["format and lint", () => tool("biome", ["ci", "--error-on-warnings", "--max-diagnostics=200"])],
  ["floating promises", () => tool("oxlint", ["--type-aware", "--deny-warnings"])],
];
const tests = (name, args = []) => {
  const reports = ["--reporter=default", "--reporter=json"];
  const file = `--outputFile.json=${resultFile(name)}`;
  return suite("vitest", ["run", ...args, ...reports, file], vitestReport(name));
};
const vitest = ["unit and integration tests", () => tests("vitest")];
const redis = ["a Redis server", work(requireRedis)];
const whole = [
  ["production build", work(build)],
  redis,
  vitest,
  ["faults", () => tests("faults", ["--config", "chaos/vitest.config.ts"])],
  ["a Chromium", work(requireChromium)],
  ["journeys in the browser", () => suite("playwright", ["test"], playwrightReport)],
];

/**
 * Prints each failure and, last, `N passed, N failed` alone on a line.
 *
 * @param extent - `quick` leaves out the build and the browser
 * @returns the exit code
 */
export async function runChecks(extent) {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  let passed = 0;
  const failures = [];
  for (const [name, check] of [...quick, ...(extent === "all" ? whole : [redis, vitest])]) {
    const began = performance.now();
    const found = await check().catch((error) => ({ passed: 0, failures: [error.message] }));
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const state = found.failures.length === 0 ? "ok" : `${found.failures.length} failed`;
    console.log(`${name}: ${state} (${seconds} s)`);
    passed += found.passed;
    failures.push(...found.failures.map((text) => `${name}: ${text}`));
  }
  for (const failure of failures) console.log(`\nFAILED ${failure}`);
  console.log(`\n${passed} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}
