import { meantTrouble, studioLog } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test("the studio's own log holds no error but those that a journey means", () => {
  const log = studioLog();
  // What is printed before comes from the build and the start; a last line may still be on its way.
  const lived = log.slice(log.indexOf("with this one-time code: "), log.lastIndexOf("\n"));
  expect(lived, "the log is the running studio's").toContain('"level":"info"');
  const trouble = lived
    .split("\n")
    .filter((line) => line.includes('"level":"error"') || /^\(node:\d+\)/.test(line))
    .filter((line) => !line.includes(meantTrouble));
  expect(trouble).toEqual([]);
});
