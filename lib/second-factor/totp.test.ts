import { expect, test } from "vitest";
import { Secret } from "#lib/core/secret.ts";
import { qrPath } from "#lib/second-factor/qr.ts";
import { matchingStep, totpCode, totpSetUp, totpStepAt } from "#lib/second-factor/totp.ts";

const secret = new Secret("12345678901234567890");

// RFC 6238, appendix B, SHA-1; the last six of its eight digits.
test.each([
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_111_111_111, "050471"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
  [20_000_000_000, "353130"],
])("[WEB-11] the code of second %i is the one of RFC 6238", (second, code) => {
  const at = new Date(second * 1_000);
  expect(totpCode(secret, totpStepAt(at))).toBe(code);
  expect(matchingStep(secret, code, at, null)).toBe(totpStepAt(at));
});

test("[WEB-11] a code counts one step early and late, and no further", () => {
  const at = new Date("2026-03-02T08:00:00Z");
  const step = totpStepAt(at);
  const taken = [-3, -2, -1, 0, 1, 2, 3].filter(
    (off) => matchingStep(secret, totpCode(secret, step + off), at, null) === step + off,
  );
  expect(taken).toEqual([-1, 0, 1]);
});

test("[WEB-11] a step whose code was taken, and those before it, count no more", () => {
  const at = new Date("2026-03-02T08:00:00Z");
  const step = totpStepAt(at);
  expect(matchingStep(secret, totpCode(secret, step), at, step)).toBeNull();
  expect(matchingStep(secret, totpCode(secret, step - 1), at, step)).toBeNull();
  expect(matchingStep(secret, totpCode(secret, step + 1), at, step)).toBe(step + 1);
});

test("[WEB-11] nothing but six right digits fits", () => {
  const at = new Date("2026-03-02T08:00:00Z");
  const right = totpCode(secret, totpStepAt(at));
  const wrong = `${right.slice(0, 5)}${(Number(right[5]) + 1) % 10}`;
  for (const code of ["", right.slice(0, 5), `${right}0`, wrong, "x".repeat(6)]) {
    expect(matchingStep(secret, code, at, null)).toBeNull();
  }
});

test("an app is told issuer, account and secret, also as a picture with a quiet edge", () => {
  const { base32, uri } = totpSetUp(secret, "dana@aurora.example");
  expect(base32).toBe("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  const { searchParams, protocol, pathname } = new URL(uri);
  expect(protocol).toBe("otpauth:");
  expect(decodeURIComponent(pathname)).toContain("MeshMesh Studio:dana@aurora.example");
  expect(searchParams.get("secret")).toBe(base32);
  const { size, path } = qrPath(uri);
  expect(path).toMatch(/^(M\d+ \d+h\d+v1h-\d+z)+$/);
  const starts = [...path.matchAll(/M(\d+) (\d+)h(\d+)/g)];
  for (const [, x, y, width] of starts) {
    expect(Math.min(Number(x), Number(y))).toBeGreaterThanOrEqual(4);
    expect(Math.max(Number(x) + Number(width), Number(y) + 1)).toBeLessThanOrEqual(size - 4);
  }
});
