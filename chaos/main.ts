// `npm run chaos -- [--plans] --minutes 10 --seed N [--alone]`: breaks a studio of two instances for so long
// and tells what it found. `--plans`: what agents propose and people approve, instead of tokens. `--alone`:
// without a shared store.
import { parseArgs } from "node:util";
import { runPlanChaos } from "./plans/run.ts";
import { runChaos } from "./run-chaos.ts";

const { values } = parseArgs({
  options: {
    plans: { type: "boolean", default: false },
    minutes: { type: "string", default: "10" },
    alone: { type: "boolean", default: false },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error("usage: npm run chaos -- [--plans] [--minutes 10] [--seed NUMBER] [--alone]");
  process.exit(2);
}
console.log(`seed ${values.seed}, ${minutes} minutes`);
const { summary, damage, refusals, violations } = values.plans
  ? await runPlanChaos({
      seed: values.seed,
      minutes,
      accountsEach: 3,
      tokenSeconds: 20,
      hasSharedStore: !values.alone,
      atOnce: 3,
      pauseMs: 300,
      mostSteps: 6,
      everyMs: 2_000,
      longestMs: 8_000,
      least: { steps: 0, takenOver: 0 },
      waitsForSettled: true,
    })
  : await runChaos({
      seed: values.seed,
      minutes,
      accountsEach: 8,
      agents: 6,
      tokenSeconds: 20,
      hasSharedStore: !values.alone,
      hasSharedSpool: false,
      pauseMs: 120,
      personEveryMs: 4_000,
      everyMs: 2_000,
      longestMs: 10_000,
    });
console.log("\nwhat was broken");
for (const [name, count] of [...damage].sort()) console.log(`  ${name}: ${count}`);
console.log("\nwhat came of it");
for (const [name, value] of Object.entries(summary)) console.log(`  ${name}: ${value}`);
console.log("\nwhat was asked in vain");
for (const [name, count] of [...refusals].sort()) console.log(`  ${name}: ${count}`);
if (violations.length > 0) console.log("\nviolations");
for (const { rule, what } of violations.slice(0, 200)) console.log(`  ${rule}: ${what}`);
process.exit(violations.length === 0 ? 0 : 1);
