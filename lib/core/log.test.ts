import fc from "fast-check";
import { expect, test } from "vitest";
import { createLogger, type LogFields, loggableText } from "#lib/core/log.ts";
import { Secret } from "#lib/core/secret.ts";

function recorder() {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", destination: { write: (line) => lines.push(line) } });
  return { lines, log };
}

test("[LOG-1] only listed fields are written", () => {
  const { lines, log } = recorder();
  log.info("request done", {
    status: 200,
    body: { name: "canary" },
    headers: "canary",
  } as LogFields);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ event: "request done", status: 200 });
  expect(lines.join()).not.toContain("canary");
});

test("[LOG-1] an object in a listed field is not written", () => {
  const { lines, log } = recorder();
  log.info("odd", { reason: { deep: "canary" }, code: new Secret("canary") });
  expect(lines.join()).not.toContain("canary");
});

const tokens = {
  "a Salesforce access token": "00D5g000004vXyZEAU!AQ4AQFz.canary_canary",
  "a Salesforce refresh token": "5Aep861canarycanarycanary.abc",
  "an agent key": "mmk_canaryAAAAcanaryAAAAcQ_canaryBBBBcanaryBBBBcanaryBBBBcanaryBB0",
  "a lease token": "x=mml_canaryAAAAcanaryAAAAcQ_canaryBBBBcanaryBBBBcanaryBBBBcanaryBB0",
  "a part of an agent key": "key mmk_canary12 was refused",
  "a JWT": "eyJhbGciOiJSUzI1NiJ9.eyJjYW5hcnkiOiJ4In0.canarysig",
  "a bearer header": "Authorization: Bearer canary-canary-1",
  "a form parameter": "grant_type=authorization_code&code=canary&x=1",
  "a JSON field": '{"refresh_token":"canary"}',
  "a password hash": "$argon2id$v=19$m=1,t=1,p=1$canary$canary",
  "a long random word": "zcanarycanarycanarycanarycanarycanarycanary12",
};
for (const [what, text] of Object.entries(tokens)) {
  test(`[LOG-1] ${what} does not reach a line, in a field, an event, an error or its cause`, () => {
    const { lines, log } = recorder();
    log.warn(`seen ${text}`, { reason: text });
    log.error("failed", { error: new Error(text, { cause: new Error(`because ${text}`) }) });
    expect(lines.join().toLowerCase()).not.toContain("canary");
    expect(lines).toHaveLength(2);
  });
}

test("ids and ordinary words stay readable", () => {
  const id = "5d1a7f3e-3f0c-4a57-9d2e-0c8c6f2f9a11";
  expect(loggableText(`grant ${id} of acme--uat.sandbox.my.salesforce.com`)).toContain(id);
});

test("[LOG-2] no input breaks a line or hides in one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const { lines, log } = recorder();
      log.info("input", { reason: `${text}\n{"event":"forged"}\r\u2028` });
      const line = lines.join("");
      expect(line.endsWith("\n")).toBe(true);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
      expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      expect(JSON.parse(line).event).toBe("input");
    }),
    { numRuns: 10_000 },
  );
});
