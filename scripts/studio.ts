// The operator's verbs: `npm run studio -- audit verify`. They work beside a running studio, too.
import { auditExport, auditVerify } from "./studio-audit.ts";
import { doctor } from "./studio-doctor.ts";
import { keysRotateVerb, keysStatusVerb } from "./studio-keys.ts";
import { killVerb } from "./studio-kill.ts";
import { touchedVerb } from "./studio-touched.ts";

/** One line a verb: its words, what follows them, what it does. */
const verbs: readonly { words: string; args: string; run(args: string[]): Promise<number> }[] = [
  { words: "audit verify", args: "[--team ID] [--session-secret-file FILE]", run: auditVerify },
  { words: "audit export", args: "--team ID --format ndjson|csv", run: auditExport },
  { words: "doctor", args: "[HOST…]", run: doctor },
  { words: "keys rotate", args: "[--new | --retire ID]", run: keysRotateVerb },
  { words: "keys status", args: "", run: keysStatusVerb },
  {
    words: "kill",
    args: "--agent ID | --connection ID | --user ID [--lift] | --team ID | --all  [--yes] [--no-wait]  or  --status [--since TIME]",
    run: killVerb,
  },
  {
    words: "touched",
    args: "--since TIME --until TIME [--team ID] [--format table|ndjson]",
    run: touchedVerb,
  },
];

const given = process.argv.slice(2);
const verb = verbs.find(({ words }) => words === given.slice(0, words.split(" ").length).join(" "));
if (!verb) {
  const known = verbs.map(({ words, args }) => `  npm run studio -- ${words} ${args}`);
  console.error(["usage:", ...known].join("\n"));
  process.exit(2);
}
try {
  process.exitCode = await verb.run(given.slice(verb.words.split(" ").length));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
process.exit();
