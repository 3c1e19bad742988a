import { createHash, hkdfSync, randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "#lib/core/secret.ts";
import { deriveKeys } from "#lib/vault/derived-keys.ts";
import { KeyConfigurationError } from "#lib/vault/errors.ts";
import { documentedSamples } from "#lib/vault/key-quality.ts";
import { assertKeysFor, createKeyRing } from "#lib/vault/key-ring.ts";
import { type LoadKeysInput, loadKeys } from "#lib/vault/keys.ts";
import { keysFilePath } from "#lib/vault/keys-file.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "studio-keys-"));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

const bytesOf = (label: string, length = 32) =>
  Buffer.from(hkdfSync("sha256", "tests of keys", "", label, length));
const base64 = (label: string, length?: number) => bytesOf(label, length).toString("base64");

const good = {
  VAULT_KEYS: `k2:${base64("two")},k1:${base64("one")}`,
  SESSION_SECRET: base64("session"),
};

function load(env: LoadKeysInput["env"], more: Partial<LoadKeysInput> = {}) {
  return loadKeys({ env, dataDir, ...more });
}

function refusalOf(work: () => unknown): KeyConfigurationError {
  try {
    work();
  } catch (error) {
    if (error instanceof KeyConfigurationError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("from settings", () => {
  test("the first of VAULT_KEYS is active, the others stay for what they sealed", async () => {
    const { keyRing, source } = load(good);
    expect([keyRing.activeKeyId, keyRing.keyIds, source]).toEqual(["k2", ["k2", "k1"], "settings"]);
    expect((await keyRing.get("k1"))?.revealBytes()).toEqual(bytesOf("one"));
    expect(await keyRing.get("k3")).toBeUndefined();
    expect(readdirSync(dataDir)).toEqual([]);
  });

  test("spaces around entries, url-safe base64 and hex session secrets are taken", () => {
    const url = bytesOf("one").toString("base64url");
    const hex = bytesOf("session").toString("hex");
    load({ VAULT_KEYS: ` k1: ${url} `, SESSION_SECRET: hex });
    load({
      VAULT_KEYS: `k1:${base64("one")}`,
      SESSION_SECRET: base64("long", 64),
    });
  });

  const text = (value: string) => Buffer.from(value).toString("base64");
  const refusals: [name: string, env: Record<string, string | undefined>, setting: string][] = [
    ["a session secret without vault keys", { VAULT_KEYS: undefined }, "VAULT_KEYS"],
    ["vault keys without a session secret", { SESSION_SECRET: undefined }, "SESSION_SECRET"],
    ["an empty setting", { SESSION_SECRET: "" }, "SESSION_SECRET"],
    ["a blank setting", { VAULT_KEYS: "  " }, "VAULT_KEYS"],
    ["a short vault key", { VAULT_KEYS: `k1:${base64("one", 31)}` }, "VAULT_KEYS, entry 1"],
    ["a long vault key", { VAULT_KEYS: `k1:${base64("one", 33)}` }, "VAULT_KEYS, entry 1"],
    ["a short session secret", { SESSION_SECRET: base64("session", 31) }, "SESSION_SECRET"],
    ["a short hex session secret", { SESSION_SECRET: "0badcafe" }, "SESSION_SECRET"],
    ["bad base64", { VAULT_KEYS: `k1:${base64("one").slice(1)}*` }, "VAULT_KEYS, entry 1"],
    [
      "base64 with a space inside",
      { SESSION_SECRET: `${base64("a", 24)} ${base64("b", 24)}` },
      "SESSION_SECRET",
    ],
    [
      "a hex vault key",
      { VAULT_KEYS: `k1:${bytesOf("one").toString("hex")}` },
      "VAULT_KEYS, entry 1",
    ],
    ["an entry without an id", { VAULT_KEYS: base64("one") }, "VAULT_KEYS, entry 1"],
    ["an empty entry at the end", { VAULT_KEYS: `${good.VAULT_KEYS},` }, "VAULT_KEYS, entry 3"],
    ["an id with a dot", { VAULT_KEYS: `k.1:${base64("one")}` }, "VAULT_KEYS, entry 1"],
    [
      "id and key the wrong way round",
      { VAULT_KEYS: `${base64("one")}:k1` },
      "VAULT_KEYS, entry 1",
    ],
    [
      "an id named twice",
      { VAULT_KEYS: `k1:${base64("one")},k1:${base64("two")}` },
      "VAULT_KEYS, entry 2",
    ],
    [
      "all zeros",
      { VAULT_KEYS: `k1:${Buffer.alloc(32).toString("base64")}` },
      "VAULT_KEYS, entry 1",
    ],
    [
      "one byte repeated",
      { SESSION_SECRET: Buffer.alloc(32, 0x5a).toString("hex") },
      "SESSION_SECRET",
    ],
    [
      "counting bytes",
      {
        SESSION_SECRET: Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString("base64"),
      },
      "SESSION_SECRET",
    ],
    [
      "a pattern repeated",
      {
        SESSION_SECRET: Buffer.concat([bytesOf("x", 16), bytesOf("x", 16)]).toString("base64"),
      },
      "SESSION_SECRET",
    ],
    ["changeme", { SESSION_SECRET: "changeme" }, "SESSION_SECRET"],
    ["changeme, repeated to length", { SESSION_SECRET: "changeme".repeat(8) }, "SESSION_SECRET"],
    [
      "a sample word in random text",
      { SESSION_SECRET: `changeme${base64("x", 36)}` },
      "SESSION_SECRET",
    ],
    [
      "a phrase in base64",
      { VAULT_KEYS: `k1:${text("the quick brown fox jumps over 1")}` },
      "VAULT_KEYS, entry 1",
    ],
    [
      "the documentation's first example",
      { SESSION_SECRET: documentedSamples[0] },
      "SESSION_SECRET",
    ],
    [
      "the documentation's second example",
      { VAULT_KEYS: `k1:${documentedSamples[1]}` },
      "VAULT_KEYS, entry 1",
    ],
    [
      "one key under two ids",
      { VAULT_KEYS: `k1:${base64("one")},k2:${base64("one")}` },
      "VAULT_KEYS, entry 2",
    ],
    ["a session secret equal to a vault key", { SESSION_SECRET: base64("one") }, "SESSION_SECRET"],
    [
      "a session secret equal to a vault key, written in hex",
      { SESSION_SECRET: bytesOf("one").toString("hex") },
      "SESSION_SECRET",
    ],
    [
      "a session secret equal to a client secret",
      { OIDC_CLIENT_SECRET: good.SESSION_SECRET },
      "SESSION_SECRET",
    ],
    [
      "a vault key equal to a metrics token in hex",
      { METRICS_TOKEN: bytesOf("one").toString("hex") },
      "VAULT_KEYS, entry 2",
    ],
  ];
  for (const [name, env, setting] of refusals) {
    test(`[VA-4] refuses ${name}, naming the setting and no value`, () => {
      const refusal = refusalOf(() => load({ ...good, ...env }));
      expect(refusal.setting).toBe(setting);
      expect(refusal.userMessage).toContain(setting);
      const shown = inspect(refusal, { showHidden: true });
      for (const value of Object.values({ ...good, ...env })) {
        for (const part of (value ?? "").split(/[,:]/).filter((piece) => piece.length > 8)) {
          expect(shown).not.toContain(part);
        }
      }
    });
  }

  test("[VA-4] refuses keys that lack a version which stored rows need", () => {
    const refusal = refusalOf(() => load(good, { sealedKeyIds: ["k1", "k0", "k0"] }));
    expect(refusal.message).toContain("1 key version(s) that are not here (k0)");
    load(good, { sealedKeyIds: ["k1", "k2", "k1"] });
  });

  test("[VA-4] the check of stored rows can be made by itself", () => {
    const ring = createKeyRing([{ id: "k1", key: new Secret(bytesOf("one")) }]);
    assertKeysFor(ring, ["k1"]);
    expect(refusalOf(() => assertKeysFor(ring, ["k1", "gone"])).setting).toBe("VAULT_KEYS");
  });

  test("[VA-4] random keys are never mistaken for samples", () => {
    const key = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((seed) => createHash("sha256").update(seed).digest());
    fc.assert(
      fc.property(key, key, (a, b) => {
        fc.pre(!a.equals(b));
        load({
          VAULT_KEYS: `k1:${a.toString("base64")}`,
          SESSION_SECRET: b.toString("base64"),
        });
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("from the file of the first run", () => {
  const file = () => keysFilePath(dataDir);

  test("the first run makes keys that the second run reads", async () => {
    const first = load({});
    const second = load({});
    const id = first.keyRing.activeKeyId;
    expect([first.source, second.keyRing.activeKeyId]).toEqual(["file", id]);
    const keys = await Promise.all([first.keyRing.get(id), second.keyRing.get(id)]);
    expect(keys[0] && keys[1]?.equals(keys[0])).toBe(true);
    expect(first.derivedKeys.sessions.equals(second.derivedKeys.sessions)).toBe(true);
  });

  test("[VA-4] the file is for its owner alone, in a folder for its owner alone", () => {
    load({});
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file())).mode & 0o777).toBe(0o700);
    expect(readdirSync(path.dirname(file()))).toEqual(["keys.json"]);
  });

  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    test(`[VA-4] a file of mode ${mode.toString(8)} is refused, not repaired`, () => {
      load({});
      chmodSync(file(), mode);
      expect(refusalOf(() => load({})).message).toContain("0600");
      expect(statSync(file()).mode & 0o777).toBe(mode);
    });
  }

  test("[VA-4] a file in a folder that others may enter is refused", () => {
    load({});
    chmodSync(path.dirname(file()), 0o755);
    expect(refusalOf(() => load({})).message).toContain("0700");
  });

  test("[VA-4] a symbolic link in the file's place is refused", () => {
    load({});
    renameSync(file(), path.join(dataDir, "elsewhere.json"));
    symlinkSync(path.join(dataDir, "elsewhere.json"), file());
    expect(refusalOf(() => load({})).message).toContain("cannot be read");
  });

  test("[VA-4] a file that is there is never written over, whatever it holds", () => {
    mkdirSync(path.dirname(file()), { mode: 0o700 });
    for (const content of ["", "{", '{"version":1,"vaultKeys":"canary-value"}', "canary-value"]) {
      writeFileSync(file(), content, { mode: 0o600 });
      expect(inspect(refusalOf(() => load({})))).not.toContain("canary");
      expect(readFileSync(file(), "utf8")).toBe(content);
    }
  });

  test("[VA-4] keys in the file meet the same bar as keys in settings", () => {
    load({});
    const held = JSON.parse(readFileSync(file(), "utf8"));
    writeFileSync(file(), JSON.stringify({ ...held, sessionSecret: "changeme" }));
    expect(refusalOf(() => load({})).setting).toContain("sessionSecret");
  });

  test("[VA-4] with sealed rows in the database a missing file is refused, not made anew", () => {
    const { keyRing } = load({});
    rmSync(file());
    const refusal = refusalOf(() => load({}, { sealedKeyIds: [keyRing.activeKeyId] }));
    expect(refusal.message).toContain("put the file back");
    expect(readdirSync(path.dirname(file()))).toEqual([]);
  });

  test("[VA-4] a file made anew is never taken for the one that sealed the rows", () => {
    const { keyRing } = load({});
    rmSync(file());
    load({}, { sealedKeyIds: [] });
    expect(() => load({}, { sealedKeyIds: [keyRing.activeKeyId] })).toThrow(KeyConfigurationError);
  });

  test("a folder that cannot be written is a refusal that says so", () => {
    writeFileSync(path.join(dataDir, "file"), "");
    expect(() => load({}, { dataDir: path.join(dataDir, "file") })).toThrow(KeyConfigurationError);
  });
});

describe("derived keys", () => {
  const root = new Secret(bytesOf("session"));

  test("[VA-5] each use has its own key, and none is the root", () => {
    const keys = Object.entries(deriveKeys(root));
    expect(keys.map(([use]) => use)).toEqual([
      "sessions",
      "auditChain",
      "agentKeyHashing",
      "planSigning",
      "requestState",
      "recoveryCodes",
      "leaseTokens",
      "sharedStore",
      "sharedNames",
    ]);
    const all = [root, ...keys.map(([, key]) => key)].map((key) => key.reveal());
    expect(new Set(all).size).toBe(all.length);
    expect(keys.every(([, key]) => key.byteLength === 32)).toBe(true);
  });

  test("[VA-5] a derived key is HKDF-SHA-256 of the root under its label", () => {
    const expected = hkdfSync(
      "sha256",
      bytesOf("session"),
      "meshmesh-studio",
      "meshmesh-studio/v1/audit-chain",
      32,
    );
    expect(deriveKeys(root).auditChain.revealBytes()).toEqual(Buffer.from(expected));
  });

  test("[VA-5] another root gives other keys for every use, and no vault key is among them", async () => {
    const one = load(good);
    const other = load({
      ...good,
      SESSION_SECRET: randomBytes(32).toString("base64"),
    });
    const keys = [...Object.values(one.derivedKeys), ...Object.values(other.derivedKeys)];
    const vaultKeys = await Promise.all(one.keyRing.keyIds.map((id) => one.keyRing.get(id)));
    const all = [...keys, ...vaultKeys].map((key) => key?.revealBytes().toString("hex"));
    expect(new Set(all).size).toBe(keys.length + vaultKeys.length);
  });

  test("[VA-10] loaded keys do not show when printed", () => {
    const shown = `${inspect(load(good), { depth: 9 })}${JSON.stringify(load(good))}`;
    for (const label of ["one", "two", "session"]) expect(shown).not.toContain(base64(label));
    expect(shown).not.toMatch(/[A-Za-z0-9+/]{40}/);
  });
});
