import { type Clock, systemClock } from "#lib/core/clock.ts";
import { Secret } from "#lib/core/secret.ts";
import { createCachedKeyRing } from "#lib/vault/cached-key-ring.ts";
import { type DerivedKeys, deriveKeys } from "#lib/vault/derived-keys.ts";
import { KeyConfigurationError } from "#lib/vault/errors.ts";
import { assertAllDiffer, parseKey } from "#lib/vault/key-quality.ts";
import { assertKeysFor, createKeyRing, type KeyEntry, type KeyRing } from "#lib/vault/key-ring.ts";
import {
  createKeysFile,
  findKeysFile,
  type KeysFile,
  keysFileSetting,
} from "#lib/vault/keys-file.ts";
import { keyIdPattern } from "#lib/vault/sealed-format.ts";

const vaultSetting = "VAULT_KEYS";
const sessionSetting = "SESSION_SECRET";

/** Other settings whose value may not serve as a key too. */
const otherSecretSettings = [
  "SALESFORCE_CLIENT_SECRET",
  "OIDC_CLIENT_SECRET",
  "AUTH_SALESFORCE_SECRET",
  "STUDIO_OWNER_PASSWORD",
  "METRICS_TOKEN",
] as const;

export type LoadKeysInput = {
  env: Readonly<Record<string, string | undefined>>;
  dataDir: string;
  /** Key ids that stored rows are sealed under, where the database was asked already. */
  sealedKeyIds?: readonly string[];
  clock?: Clock;
};

export type LoadedKeys = {
  keyRing: KeyRing;
  derivedKeys: DerivedKeys;
  source: "settings" | "file";
};

/**
 * The studio's keys, from `VAULT_KEYS` and `SESSION_SECRET` or, where neither is set, from a file in
 * the data folder that the first run makes. To be called before listening. The file is read again every
 * few seconds: a version that is added to it is taken up by every process (VA-6).
 *
 * @throws {KeyConfigurationError} a key is missing, unfit, used twice, or absent for stored rows
 *   (VA-4); the message names the setting, never the value
 */
export function loadKeys(input: LoadKeysInput): LoadedKeys {
  const vaultText = readSetting(input.env, vaultSetting);
  const sessionText = readSetting(input.env, sessionSetting);
  if (vaultText === undefined && sessionText === undefined) {
    const file = findKeysFile(input.dataDir) ?? makeKeysFile(input);
    const { entries, derivedKeys } = checkKeys(input, textsOfFile(file));
    const source = { read: () => readFileEntries(input.dataDir) };
    const keyRing = createCachedKeyRing({ clock: input.clock ?? systemClock, source }, entries);
    return { keyRing, derivedKeys, source: "file" };
  }
  // Half set by hand: the other half would be made in a folder that may not outlive this machine.
  const missing = vaultText === undefined ? vaultSetting : sessionSetting;
  if (vaultText === undefined || sessionText === undefined) {
    const given = missing === vaultSetting ? sessionSetting : vaultSetting;
    throw new KeyConfigurationError(missing, `is missing; ${given} is set, so both must be`);
  }
  const texts: KeyTexts = {
    vaultSetting,
    vaultText,
    sessionSetting,
    sessionText,
  };
  const { entries, derivedKeys } = checkKeys(input, texts);
  return { keyRing: createKeyRing(entries), derivedKeys, source: "settings" };
}

/**
 * The versions in the keys file, the active one first.
 *
 * @throws {KeyConfigurationError} there is no file, or it is unfit
 */
function readFileEntries(dataDir: string): KeyEntry[] {
  const file = findKeysFile(dataDir);
  if (file === undefined) throw new KeyConfigurationError(keysFileSetting, "is gone");
  const { vaultSetting: setting, vaultText } = textsOfFile(file);
  return parseVaultKeys(setting, vaultText);
}

function readSetting(env: LoadKeysInput["env"], name: string): string | undefined {
  const text = env[name]?.trim();
  if (text === "") {
    throw new KeyConfigurationError(name, "is set but empty; give it a value or remove it");
  }
  return text;
}

type KeyTexts = {
  vaultSetting: string;
  vaultText: string;
  sessionSetting: string;
  sessionText: string;
};

function textsOfFile(file: KeysFile): KeyTexts {
  return {
    vaultSetting: `${keysFileSetting}, vaultKeys`,
    vaultText: file.vaultKeys,
    sessionSetting: `${keysFileSetting}, sessionSecret`,
    sessionText: file.sessionSecret,
  };
}

function makeKeysFile(input: LoadKeysInput): KeysFile {
  if (input.sealedKeyIds !== undefined && input.sealedKeyIds.length > 0) {
    throw new KeyConfigurationError(
      keysFileSetting,
      `is missing, and the database holds credentials sealed with its keys; put the file back, or set ${vaultSetting} and ${sessionSetting}`,
    );
  }
  return createKeysFile(input.dataDir);
}

function checkKeys(
  input: LoadKeysInput,
  texts: KeyTexts,
): { entries: KeyEntry[]; derivedKeys: DerivedKeys } {
  const entries = parseVaultKeys(texts.vaultSetting, texts.vaultText);
  const session = parseKey(texts.sessionSetting, texts.sessionText, {
    allowHex: true,
    exactly32: false,
  });
  assertAllDiffer([
    ...otherSecrets(input.env),
    ...entries.map(({ key }, i) => ({
      setting: `${texts.vaultSetting}, entry ${i + 1}`,
      secret: key,
    })),
    { setting: texts.sessionSetting, secret: session },
  ]);
  assertKeysFor(createKeyRing(entries), input.sealedKeyIds ?? [], texts.vaultSetting);
  return { entries, derivedKeys: deriveKeys(session) };
}

function parseVaultKeys(setting: string, text: string): KeyEntry[] {
  const entries: KeyEntry[] = [];
  text.split(",").forEach((part, i) => {
    const place = `${setting}, entry ${i + 1}`;
    const colon = part.indexOf(":");
    const id = part.slice(0, Math.max(colon, 0)).trim();
    if (!keyIdPattern.test(id)) {
      throw new KeyConfigurationError(
        place,
        "needs the form id:base64, the id of letters and digits",
      );
    }
    // The id is not repeated here: somebody may have put the key in its place.
    if (entries.some((entry) => entry.id === id)) {
      throw new KeyConfigurationError(place, "names a key id that stands before it already");
    }
    const keyText = part.slice(colon + 1).trim();
    entries.push({
      id,
      key: parseKey(place, keyText, { allowHex: false, exactly32: true }),
    });
  });
  return entries;
}

/** Other secrets in each way their text could have been read as a key. Equal ones among them are theirs to judge. */
function otherSecrets(env: LoadKeysInput["env"]): { setting: string; secret: Secret }[] {
  const seen = new Map<string, { setting: string; secret: Secret }>();
  for (const setting of otherSecretSettings) {
    const text = env[setting]?.trim();
    if (text === undefined || text === "") continue;
    for (const encoding of ["utf8", "base64", "hex"] as const) {
      const secret = new Secret(Buffer.from(text, encoding));
      const digest = secret.revealBytes().toString("hex");
      if (secret.byteLength > 0 && !seen.has(digest)) seen.set(digest, { setting, secret });
    }
  }
  return [...seen.values()];
}
