import { randomBytes, randomUUID } from "node:crypto";

/** Chance as a dependency, so that tests can repeat a run. */
export type Random = {
  uuid(): string;
  /** `byteCount` random bytes as base64url without padding. */
  token(byteCount: number): string;
};

export const systemRandom: Random = {
  uuid: randomUUID,
  token: (byteCount) => randomBytes(byteCount).toString("base64url"),
};

/** A chance from 0 up to, not including, 1. */
export function chanceOf(random: Random): number {
  return Buffer.from(random.token(4), "base64url").readUInt32BE() / 2 ** 32;
}
