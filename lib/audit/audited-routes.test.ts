import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Changing methods that change nothing: a question that is answered, or a step whose end is the event. */
const withoutEvent = [
  "app/api/audit/verify/route.ts POST",
  "app/api/operations/[operationId]/route.ts POST",
  "app/api/second-factor/passkeys/options/route.ts POST",
  "app/api/second-factor/step/passkey/options/route.ts POST",
  "app/api/second-factor/totp/route.ts POST",
];

test("[AUD-1] every route that changes something names the event that it leaves", () => {
  const silent = globSync("app/api/**/route.ts").flatMap((file) => {
    const parts = readFileSync(file, "utf8")
      .split(/^export const /m)
      .slice(1);
    return parts
      .filter((part) => !/^(GET|HEAD)\b/.test(part) && !/audit: (?!"none")/.test(part))
      .map((part) => `${file} ${part.match(/^\w+/)?.[0]}`);
  });
  expect(silent.sort()).toEqual(withoutEvent);
});
