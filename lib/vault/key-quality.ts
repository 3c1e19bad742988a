import { Secret } from "#lib/core/secret.ts";
import { KeyConfigurationError } from "#lib/vault/errors.ts";
import { keyBytes } from "#lib/vault/sealed-format.ts";

/** Keys that stand in our documentation, to show their form; they never work. */
export const documentedSamples: readonly string[] = [
  "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
  "3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=",
];

const sampleWords =
  /change[-_+/ ]?me|replace|example|placeholder|password|secret|default|insecure|sample/i;
const fewestDistinctBytes = 12;

function decodeBase64(text: string): Buffer | undefined {
  const unpadded = text.replace(/={1,2}$/, "");
  const bytes = Buffer.from(text, "base64");
  const canonical =
    bytes.toString("base64url") === unpadded.replace(/\+/g, "-").replace(/\//g, "_");
  return canonical && bytes.byteLength > 0 ? bytes : undefined;
}

function repeats(bytes: Buffer): boolean {
  for (let period = 1; period <= bytes.byteLength / 2; period++) {
    if (bytes.subarray(period).equals(bytes.subarray(0, bytes.byteLength - period))) return true;
  }
  return false;
}

function isTrivial(text: string, bytes: Buffer): boolean {
  if (documentedSamples.includes(text) || sampleWords.test(text)) return true;
  if (new Set(bytes).size < fewestDistinctBytes || repeats(bytes)) return true;
  // 32 random bytes are never all printable: this is a phrase somebody typed.
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return true;
  const step = (bytes[1] ?? 0) - (bytes[0] ?? 0);
  return bytes.every((byte, i) => i === 0 || ((byte - (bytes[i - 1] ?? 0) - step) & 0xff) === 0);
}

export type KeyForm = { allowHex: boolean; exactly32: boolean };

/**
 * A key from its text (VA-4): base64, or hex where allowed, of at least or exactly 32 bytes, and not
 * a sample, phrase or pattern.
 *
 * @throws {KeyConfigurationError} names the setting and what is wrong, never the value
 */
export function parseKey(setting: string, text: string, form: KeyForm): Secret {
  const isHex = form.allowHex && /^(?:[0-9a-f]{2})+$/i.test(text);
  const bytes = isHex ? Buffer.from(text, "hex") : decodeBase64(text);
  const wanted = `${form.exactly32 ? "exactly" : "at least"} ${keyBytes} random bytes`;
  const advice = `give ${wanted} as base64, for example from: openssl rand -base64 32`;
  if (bytes === undefined) {
    throw new KeyConfigurationError(
      setting,
      `is not base64${form.allowHex ? " or hex" : ""}; ${advice}`,
    );
  }
  try {
    if (isTrivial(text, bytes)) {
      throw new KeyConfigurationError(setting, `is a sample or a value easy to guess; ${advice}`);
    }
    if (form.exactly32 ? bytes.byteLength !== keyBytes : bytes.byteLength < keyBytes) {
      throw new KeyConfigurationError(setting, `has the wrong length; ${advice}`);
    }
    return new Secret(bytes);
  } finally {
    bytes.fill(0);
  }
}

/**
 * Refuses two settings with one value.
 *
 * @throws {KeyConfigurationError} names both settings
 */
export function assertAllDiffer(secrets: readonly { setting: string; secret: Secret }[]): void {
  secrets.forEach(({ setting, secret }, i) => {
    const twin = secrets.slice(0, i).find((other) => other.secret.equals(secret));
    if (twin !== undefined) {
      throw new KeyConfigurationError(
        setting,
        `has the same value as ${twin.setting}; each needs its own`,
      );
    }
  });
}
