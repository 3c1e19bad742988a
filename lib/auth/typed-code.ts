import type { Random } from "#lib/core/ids.ts";

// Crockford's base 32: no letter that could be taken for a digit.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP_LENGTH = 4;

/** A random code for a person to type: groups of four characters, five bits each. */
export function makeTypedCode(random: Random, groups: number): string {
  const bytes = Buffer.from(random.token(groups * GROUP_LENGTH), "base64url");
  const symbols = [...bytes].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
  return Array.from({ length: groups }, (_, group) =>
    symbols.slice(group * GROUP_LENGTH, (group + 1) * GROUP_LENGTH),
  ).join("-");
}

/** The code as it was made, without dashes: case, spaces, dashes and look-alikes do not matter. */
export function readTypedCode(typed: string): string {
  return typed.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
}
