import { expect, test } from "vitest";
import { consoleToLog } from "#lib/core/console-to-log.ts";
import { createLogger } from "#lib/core/log.ts";

function consoleOf() {
  const lines: string[] = [];
  const log = createLogger({ level: "info", destination: { write: (line) => lines.push(line) } });
  const target = { error: () => {}, warn: () => {} } as unknown as Pick<Console, "error" | "warn">;
  consoleToLog(log, target);
  return { target, lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test("[LOG-1] an error that a page let fall is a line of the log, without the token in its message", () => {
  const { target, lines } = consoleOf();
  target.error(
    "\u001b[31m⨯\u001b[39m",
    new Error("refused: access_token=00D000000000001!AQ.secret"),
    {
      digest: "secret-object",
    },
  );
  const [line] = lines();
  expect(line).toMatchObject({ level: "error", event: "⨯", error: { name: "Error" } });
  expect(JSON.stringify(line)).not.toContain("AQ.secret");
  expect(JSON.stringify(line)).not.toContain("secret-object");
});

test("[LOG-2] what is printed cannot begin a second line", () => {
  const { target, lines } = consoleOf();
  target.warn('old\n{"level":"error","event":"forged"}');
  expect(lines()).toHaveLength(1);
  expect(lines()[0]).toMatchObject({ level: "warn" });
});
