import fc from "fast-check";
import { expect, test } from "vitest";
import { createLeaseTokenKey, leaseIdOfToken, makeLeaseToken } from "#lib/broker/lease-token.ts";
import { Secret } from "#lib/core/secret.ts";

const key = createLeaseTokenKey(new Secret("0123456789abcdef0123456789abcdef"));
const id = "4b3e1b9a-2b9c-4f8e-9a57-0f1f3f3f3f3f";

test("[BRK-2] a token names its lease and no other, in fewer than 512 characters", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (one, other) => {
      const token = makeLeaseToken(key, one);
      expect(token.length).toBe(70);
      expect(leaseIdOfToken(key, token)).toBe(one);
      const [, handle] = makeLeaseToken(key, other).split("_");
      if (one !== other) {
        expect(leaseIdOfToken(key, token.replace(/^mml_.{22}/, `mml_${handle}`))).toBeNull();
      }
    }),
  );
});

test("[BRK-2] no changed character of a token is taken, nor one more", () => {
  const token = makeLeaseToken(key, id);
  for (let at = 0; at < token.length; at += 1) {
    for (const character of "Az0-_!") {
      if (token[at] === character) continue;
      const changed = token.slice(0, at) + character + token.slice(at + 1);
      expect(leaseIdOfToken(key, changed), changed).toBeNull();
    }
  }
  expect(leaseIdOfToken(key, `${token}A`)).toBeNull();
  expect(leaseIdOfToken(key, ` ${token}`)).toBeNull();
});

test("[VA-5] another key's token is nobody's", () => {
  const other = createLeaseTokenKey(new Secret("fedcba9876543210fedcba9876543210"));
  expect(leaseIdOfToken(key, makeLeaseToken(other, id))).toBeNull();
});
