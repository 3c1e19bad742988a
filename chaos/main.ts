// `--alone`: without a shared store.
// `npm run chaos -- --minutes 10 --seed N [--alone]`: breaks a studio of two instances for so long and tells what it found.
import { parseArgs } from "node:util";
import { runChaos } from "./run-chaos.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    alone: { type: "boolean", default: false },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error("usage: npm run chaos -- [--minutes 10] [--seed NUMBER] [--alone]");
  process.exit(2);
}
console.log(`seed ${values.seed}, ${minutes} minutes`);
const { summary, damage, refusals, violations } = await runChaos({
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
console.log("\nwhy agents were not served");
for (const [name, count] of [...refusals].sort()) console.log(`  ${name}: ${count}`);
if (violations.length > 0) console.log("\nviolations");
for (const { rule, what } of violations.slice(0, 200)) console.log(`  ${rule}: ${what}`);
process.exit(violations.length === 0 ? 0 : 1);
