/**
 * Looks for secrets in a body that comes in pieces (BRK-6). It lets through all but the end that could
 * be the beginning of a secret, so that not even a part of one leaves, wherever the pieces are cut.
 */
export type SecretSearch = {
  /** @returns what may go on; null where a secret was found, and nothing may any more */
  next(chunk: Buffer): Buffer | null;
  /** What was held back when the body ended. */
  rest(): Buffer;
};

const nothing = Buffer.alloc(0);
/** Characters that JSON, addresses and XML leave as they are. */
const neverEscaped = /[A-Za-z0-9._~-]+/g;
const leastLength = 16;

/**
 * The part of a token by which it is known in every spelling: a Salesforce token's exclamation mark may
 * be written as `%21` or `\u0021`, what stands behind it cannot be written in a second way.
 */
export function needleOf(token: string): Buffer {
  const runs = token.match(neverEscaped) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), "");
  return Buffer.from(longest.length >= leastLength ? longest : token);
}

/** Whether a body or header that is there as a whole holds one of these. */
export const holdsSecret = (whole: Buffer | string, needles: readonly Buffer[]): boolean =>
  needles.some((needle) =>
    typeof whole === "string" ? whole.includes(needle.toString()) : whole.includes(needle),
  );

/** @param needles - of tokens we hold that must not be in the body */
export function createSecretSearch(needles: readonly Buffer[]): SecretSearch {
  let held = nothing;
  return {
    next(chunk) {
      const text = held.byteLength === 0 ? chunk : Buffer.concat([held, chunk]);
      if (needles.some((needle) => text.includes(needle))) {
        held = nothing;
        return null;
      }
      const from = Math.min(...needles.map((needle) => beginningAt(text, needle)));
      // A copy: what is held must not keep the whole piece in memory.
      held = from === text.byteLength ? nothing : Buffer.from(text.subarray(from));
      return text.subarray(0, from);
    },
    rest() {
      const last = held;
      held = nothing;
      return last;
    },
  };
}

/** Where the end of `text` begins that could go on to be `needle`; its length where none does. */
function beginningAt(text: Buffer, needle: Buffer): number {
  const first = needle[0] ?? 0;
  let at = text.indexOf(first, Math.max(0, text.byteLength - needle.byteLength + 1));
  while (at !== -1) {
    const length = text.byteLength - at;
    if (text.compare(needle, 0, length, at) === 0) return at;
    at = text.indexOf(first, at + 1);
  }
  return text.byteLength;
}
