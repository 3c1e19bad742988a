import { expect, test } from "vitest";
import {
  HASH_COST,
  hashPassword,
  isHashOutdated,
  requireGoodPassword,
  verifyPassword,
} from "#lib/auth/password.ts";
import { Secret } from "#lib/core/secret.ts";

const good = new Secret("velvet otter ninth orbit kayak");

test("[WEB-1] a hash is Argon2id with at least 19 MiB, two passes and one lane", async () => {
  const made = await hashPassword(good);
  const [, m, t, p] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(made) ?? [];
  expect(Number(m)).toBeGreaterThanOrEqual(19 * 1024);
  expect(Number(t)).toBeGreaterThanOrEqual(2);
  expect(Number(p)).toBeGreaterThanOrEqual(1);
  expect(await verifyPassword(made, good)).toBe(true);
  expect(await verifyPassword(made, new Secret("velvet otter ninth orbit kayaK"))).toBe(false);
});

test("[WEB-1] one password has a new hash each time", async () => {
  expect(await hashPassword(good)).not.toBe(await hashPassword(good));
});

test("[WEB-1] a hash made with less work counts as outdated, one of today does not", async () => {
  expect(isHashOutdated(await hashPassword(good))).toBe(false);
  expect(isHashOutdated(await hashPassword(good, { ...HASH_COST, memoryKiB: 19 * 1024 }))).toBe(
    true,
  );
  expect(isHashOutdated("$2b$10$somethingelse")).toBe(true);
});

test("[WEB-1] no password fits a person without a hash, and the answer costs the same work", async () => {
  const stored = await hashPassword(good);
  const wrong = new Secret("a wrong password, quite");
  const best = { absent: Number.POSITIVE_INFINITY, present: Number.POSITIVE_INFINITY };
  // In turn, and the best of many: what else the machine does falls on both alike.
  for (let run = 0; run < 12; run++) {
    for (const [who, hash] of [
      ["absent", null],
      ["present", stored],
    ] as const) {
      const before = process.cpuUsage();
      expect(await verifyPassword(hash, wrong)).toBe(false);
      best[who] = Math.min(best[who], process.cpuUsage(before).user);
    }
  }
  expect(best.absent / best.present).toBeGreaterThan(0.5);
  expect(best.absent / best.present).toBeLessThan(2);
});

test("[WEB-1] the way a keyboard composes letters makes no difference", async () => {
  const made = await hashPassword(new Secret("crème brûlée at daybreak"));
  expect(await verifyPassword(made, new Secret("crème brûlée at daybreak".normalize("NFD")))).toBe(
    true,
  );
});

test.each([
  ["fourteen characters", "vK3#pQ9!xZ7&mT"],
  ["a hundred and twenty-nine", "vK3#pQ9!xZ7&mT".repeat(10).slice(0, 129)],
  ["fourteen written as twenty-eight", "é".normalize("NFD").repeat(14)],
  ["one letter again and again", "a".repeat(40)],
  ["a row of keys", "qwertyuiopasdfghjkl"],
  ["digits in order", "123456789012345678"],
  ["a common one twice", "password1password1"],
  ["a common one decorated", "P@ssw0rd123456!"],
  ["the address", "dana@acme.example1"],
  ["the team's name", "MeshMesh Studio Aurora"],
])("[WEB-1] a new password is refused: %s", (_, password) => {
  expect(() =>
    requireGoodPassword(new Secret(password), "password", ["dana@acme.example", "Dana", "Aurora"]),
  ).toThrow(
    expect.objectContaining({
      status: 400,
      issues: [expect.objectContaining({ path: "password" })],
    }),
  );
});

test.each([
  good.reveal(),
  "vK3#pQ9!xZ7&mTz",
  "correct horse battery staple tunnel",
  "雪山川草木花鳥風月星空海道橋門窓",
])("[WEB-1] a good one is taken: %s", (password) => {
  expect(() =>
    requireGoodPassword(new Secret(password), "password", ["dana@acme.example"]),
  ).not.toThrow();
});
