import { format, inspect } from "node:util";
import { deserialize, serialize } from "node:v8";
import { expect, test } from "vitest";
import { Secret } from "#lib/core/secret.ts";

const canary = "canary-5Aep861TSESvWeug";
const secret = new Secret(canary);

const forms: Record<string, () => string> = {
  "a string": () => String(secret),
  "a template": () => `${secret}`,
  "a sum": () => `${secret as unknown as string}`,
  "JSON, deep": () => JSON.stringify({ token: secret, list: [secret] }),
  inspection: () => inspect(secret),
  "inspection with hidden fields": () => inspect({ secret }, { showHidden: true, depth: 9 }),
  "inspection without custom printers": () => inspect(secret, { customInspect: false }),
  "a format": () => format("%s %o %O %j %d", secret, secret, secret, secret, secret),
  "an error message": () => new Error(`refused ${secret}`).message,
  "an error's cause": () => inspect(new Error("refused", { cause: secret })),
  "an error that carries it": () => inspect(Object.assign(new Error("refused"), { secret })),
  "a structured clone": () => inspect(structuredClone({ secret }), { showHidden: true }),
  "a serialized copy": () => `${serialize({ secret })}${inspect(deserialize(serialize(secret)))}`,
  "its own keys": () => Reflect.ownKeys(secret).map(String).join() + JSON.stringify({ ...secret }),
};

for (const [form, print] of Object.entries(forms)) {
  test(`[VA-10] a secret does not show in ${form}`, () => {
    expect(print()).not.toContain(canary);
    expect(print()).not.toContain(Buffer.from(canary).toString("hex"));
  });
}

test("[VA-10] a secret says that it is one where it is printed", () => {
  expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual([
    "[secret]",
    '"[secret]"',
    "[secret]",
  ]);
});

test("[VA-10] text that cannot be kept is refused without showing it", () => {
  expect(() => new Secret(`${canary}\ud800`)).toThrow(/^(?!.*canary)/);
});

test("the value comes back whole, and the bytes handed out are copies", () => {
  const source = Buffer.from("schlüssel ☃");
  const made = new Secret(source);
  source.fill(0);
  made.revealBytes().fill(0);
  expect(made.reveal()).toBe("schlüssel ☃");
  expect(Secret.is(made)).toBe(true);
  expect(Secret.is({ reveal: () => "x" })).toBe(false);
});

test("secrets are compared by value, whatever their lengths", () => {
  expect(new Secret("abc").equals(new Secret("abc"))).toBe(true);
  expect(new Secret("abc").equals(new Secret("abd"))).toBe(false);
  expect(new Secret("abc").equals(new Secret("abcd"))).toBe(false);
});

test("[VA-10] a wiped secret holds zeros only", () => {
  const made = new Secret("abc");
  made.wipe();
  expect([...made.revealBytes()]).toEqual([0, 0, 0]);
});
