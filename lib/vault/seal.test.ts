import { createDecipheriv, createHash, randomBytes, webcrypto } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Secret } from "#lib/core/secret.ts";
import { unwrapDataKey, wrapDataKey } from "#lib/vault/data-key.ts";
import { KeySourceUnavailableError, UnreadableSecretError } from "#lib/vault/errors.ts";
import { createInMemoryWrapStore } from "#lib/vault/in-memory-wrap-store.ts";
import { createKeyRing, type KeyRing } from "#lib/vault/key-ring.ts";
import { openSecret, type RecordedOpening } from "#lib/vault/open.ts";
import { rewrap } from "#lib/vault/rewrap.ts";
import { seal } from "#lib/vault/seal.ts";
import { formatSealed, isSameSealing, parseSealed } from "#lib/vault/sealed-format.ts";
import { encodeContext, type SecretContext } from "#lib/vault/secret-context.ts";
import { createWrapCounter } from "#lib/vault/wrap-counter.ts";

const context: SecretContext = {
  table: "grants",
  column: "refresh_token",
  rowId: "7b0f5c1e-0d56-4a52-9a38-0d1d1d0b6a01",
  ownerId: "user-1",
  teamId: "team-1",
  provider: "salesforce",
  tenantHost: "acme.my.salesforce.com",
  clientId: "3MVG9",
  kind: "refresh_token",
};
const rawKey = createHash("sha256").update("key one of the vault's tests").digest();
const keyOne = { id: "k1", key: new Secret(rawKey) };
const keyTwo = { id: "k2", key: new Secret(randomBytes(32)) };
const opening = { purpose: "refresh" };

function vault(keyRing: KeyRing = createKeyRing([keyOne])) {
  const recorded: RecordedOpening[] = [];
  return {
    keyRing,
    wrapCounter: createWrapCounter({
      store: createInMemoryWrapStore(),
      onAlarm: () => {},
    }),
    recorded,
    async recordOpening(entry: RecordedOpening) {
      recorded.push(entry);
    },
  };
}

const sealText = (text: string, deps = vault()) => seal(deps, new Secret(text), context);

/** The format read by hand with WebCrypto: an implementation that shares nothing with ours. */
async function openByHand(sealed: string): Promise<string> {
  const [, keyId, ...parts] = sealed.split(".");
  const [wrapped, nonce, ciphertext, tag] = parts.map((part) => Buffer.from(part, "base64url"));
  if (!wrapped || !nonce || !ciphertext || !tag) throw new Error("not the format");
  const decrypt = async (key: Uint8Array, iv: Buffer, data: Buffer, label: string) => {
    const imported = await webcrypto.subtle.importKey("raw", Buffer.from(key), "AES-GCM", false, [
      "decrypt",
    ]);
    const additionalData = Buffer.from(encodeContext(label, context));
    const algorithm = {
      name: "AES-GCM",
      iv: Buffer.from(iv),
      additionalData,
      tagLength: 128,
    };
    return Buffer.from(await webcrypto.subtle.decrypt(algorithm, imported, Buffer.from(data)));
  };
  const dataKey = await decrypt(
    rawKey,
    wrapped.subarray(0, 12),
    wrapped.subarray(12),
    `meshmesh/vault/v1/data-key/${keyId}`,
  );
  const body = Buffer.concat([ciphertext, tag]);
  return (await decrypt(dataKey, nonce, body, "meshmesh/vault/v1/secret")).toString();
}

/** Sealed once by this version; a change of the format or the bound context makes it unreadable. */
const knownAnswer =
  "v1.k1.PUwr62_peRx_DsepxpiTYF68VgE2yJe3Q6RkmmlUyWE7z9iI65paTNcO82ADEzvTYONXZcOu4KccMOCT.52ZyGsVxQPCJ1rAb.LGY4T6q8ny24a7trzOTzDBVM.dmChO1H1LYZh0cByjYOKtQ";

describe("sealing", () => {
  test("[VA-1] what was sealed opens in its place, whatever its length", async () => {
    for (const text of ["x", "5Aep861…ünïcode", "y".repeat(20_000)]) {
      const deps = vault();
      const opened = await openSecret(deps, await sealText(text, deps), context, opening);
      expect(opened.reveal()).toBe(text);
    }
  });

  test("[VA-1] another implementation of AES-256-GCM opens what we sealed", async () => {
    expect(await openByHand(await sealText("canary-token"))).toBe("canary-token");
  });

  test("[VA-1] a value sealed by the first version still opens", async () => {
    const opened = await openSecret(vault(), knownAnswer, context, opening);
    expect(opened.reveal()).toBe("known-answer-token");
  });

  test("[VA-1] the format names version and key, with a 60-byte wrapped key, 96-bit nonce and 128-bit tag", async () => {
    const parts = (await sealText("abc")).split(".");
    expect(parts.slice(0, 2)).toEqual(["v1", "k1"]);
    const lengths = parts.slice(2).map((part) => Buffer.from(part, "base64url").byteLength);
    expect(lengths).toEqual([60, 12, 3, 16]);
  });

  test("[VA-1] over 10,000 writes of one secret no nonce and no data key repeats", async () => {
    const deps = vault();
    const seen = new Set<string>();
    const runs = 10_000;
    for (let i = 0; i < runs; i++) {
      const parts = parseSealed(await sealText("the same secret", deps));
      const wrapNonce = parts.wrappedKey.subarray(0, 12);
      const unwrap = createDecipheriv("aes-256-gcm", rawKey, wrapNonce, {
        authTagLength: 16,
      });
      const dataKey = unwrap.update(parts.wrappedKey.subarray(12, 44));
      for (const bytes of [wrapNonce, parts.nonce, dataKey]) seen.add(bytes.toString("hex"));
    }
    expect(seen.size).toBe(3 * runs);
  });

  test("an empty secret is refused, not sealed", async () => {
    await expect(sealText("")).rejects.toThrow(TypeError);
  });

  test("[VA-7] keys that cannot be had refuse, retryably, and are not mistaken for a bad row", async () => {
    const sealed = await sealText("abc");
    const away: KeyRing = {
      activeKeyId: "k1",
      keyIds: ["k1"],
      get: async () => {
        throw new KeySourceUnavailableError("key source does not answer");
      },
    };
    const failures = [
      sealText("abc", vault(away)),
      openSecret(vault(away), sealed, context, opening),
    ];
    for (const failure of failures) {
      await expect(failure).rejects.toMatchObject({ remedy: { do: "retry" } });
    }
  });
});

const changed: { [K in keyof SecretContext]: SecretContext[K][] } = {
  table: ["connections", "grant", ""],
  column: ["client_secret", "REFRESH_TOKEN"],
  rowId: ["7b0f5c1e-0d56-4a52-9a38-0d1d1d0b6a02"],
  ownerId: ["user-2", null, ""],
  teamId: ["team-2"],
  provider: ["marketing-cloud", null],
  tenantHost: ["evil.my.salesforce.com", null, "acme.my.salesforce.com."],
  clientId: ["3MVG8", null],
  kind: ["client_secret"],
};

describe("the bound place", () => {
  for (const [field, values] of Object.entries(changed)) {
    test(`[VA-2] moved to another ${field}, a sealed value does not open`, async () => {
      const sealed = await sealText("abc");
      for (const value of values) {
        const moved = { ...context, [field]: value };
        await expect(openSecret(vault(), sealed, moved, opening)).rejects.toThrow(
          UnreadableSecretError,
        );
      }
    });
  }

  test("[VA-2] swapping any two fields' values closes it", async () => {
    const sealed = await sealText("abc");
    const names = Object.keys(context) as (keyof SecretContext)[];
    for (const a of names) {
      for (const b of names.filter((name) => context[name] !== context[a])) {
        const moved = {
          ...context,
          [a]: context[b],
          [b]: context[a],
        } as SecretContext;
        await expect(openSecret(vault(), sealed, moved, opening)).rejects.toThrow(
          UnreadableSecretError,
        );
      }
    }
  });

  test("[VA-2] parts of two sealed values cannot be combined", async () => {
    const deps = vault();
    const other = { ...context, rowId: "another" };
    const a = (await sealText("aaa", deps)).split(".");
    const b = (await seal(deps, new Secret("bbb"), other)).split(".");
    for (let cut = 3; cut < a.length; cut++) {
      const mixed = [...a.slice(0, cut), ...b.slice(cut)].join(".");
      for (const place of [context, other]) {
        await expect(openSecret(deps, mixed, place, opening)).rejects.toThrow(
          UnreadableSecretError,
        );
      }
    }
  });

  test("[VA-2] the body is bound by itself, should its data key be wrapped anew for another place", async () => {
    const deps = vault();
    const moved = { ...context, ownerId: "user-2" };
    const parts = parseSealed(await sealText("abc", deps));
    const dataKey = await unwrapDataKey(deps, parts.keyId, parts.wrappedKey, context);
    const forged = formatSealed({
      ...parts,
      ...(await wrapDataKey(deps, dataKey, moved)),
    });
    for (const place of [moved, context]) {
      await expect(openSecret(deps, forged, place, opening)).rejects.toThrow(UnreadableSecretError);
    }
  });

  test("[VA-2] a value is not rewrapped for another place", async () => {
    const ring = createKeyRing([keyTwo, keyOne]);
    const sealed = await sealText("abc");
    const moved = { ...context, ownerId: "user-2" };
    await expect(rewrap(vault(ring), sealed, moved)).rejects.toThrow(UnreadableSecretError);
  });

  test("[VA-2] no two contexts encode alike", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 4 }),
      fc.constantFrom("", "a", "aa"),
    );
    const maybe = fc.option(text, { nil: null });
    const contexts = fc.record({
      table: text,
      column: text,
      rowId: text,
      ownerId: maybe,
      teamId: text,
      provider: maybe,
      tenantHost: maybe,
      clientId: maybe,
      kind: text,
    });
    fc.assert(
      fc.property(contexts, contexts, (a, b) => {
        const alike = encodeContext("x", a).equals(encodeContext("x", b));
        expect(alike).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 10_000 },
    );
  });

  test("[VA-2] text that looks like the border of a field moves no border", () => {
    for (const border of ["\u0001\0\0\0\0", "\u0001\0\0\0\u0001", "\0", "\u0001", "."]) {
      const a = { ...context, table: "x", column: `y${border}z` };
      const b = { ...context, table: `x${border}y`, column: "z" };
      expect(encodeContext("l", a).equals(encodeContext("l", b))).toBe(false);
    }
  });

  test("[VA-2] a context with a field left out is refused", async () => {
    const { clientId: _, ...partial } = context;
    await expect(seal(vault(), new Secret("abc"), partial as SecretContext)).rejects.toThrow(
      TypeError,
    );
  });
});

describe("a damaged value", () => {
  const refusal = async (sealed: string) => {
    const deps = vault();
    const error = await openSecret(deps, sealed, context, opening).catch((thrown) => thrown);
    expect(deps.recorded).toEqual([]);
    expect(error, sealed).toBeInstanceOf(UnreadableSecretError);
    return {
      message: error.message,
      code: error.code,
      cause: error.cause,
      status: error.status,
    };
  };

  test("[VA-3] each byte flipped, cut or added closes it, and every failure looks the same", async () => {
    const sealed = await sealText("abc");
    const expected = await refusal("");
    const parts = sealed.split(".");
    const damaged: string[] = [];
    for (let at = 2; at < parts.length; at++) {
      const bytes = Buffer.from(parts[at] ?? "", "base64url");
      const put = (changedBytes: Uint8Array) => {
        const encoded = Buffer.from(changedBytes).toString("base64url");
        damaged.push(parts.map((part, i) => (i === at ? encoded : part)).join("."));
      };
      for (let i = 0; i < bytes.byteLength; i++) {
        const flipped = Buffer.from(bytes);
        flipped[i] = (flipped[i] ?? 0) ^ 1;
        put(flipped);
        put(bytes.subarray(0, i));
        put(bytes.subarray(i + 1));
      }
      put(Buffer.concat([bytes, Buffer.of(0)]));
      put(Buffer.concat([Buffer.of(0), bytes]));
    }
    for (const text of damaged) expect(await refusal(text)).toEqual(expected);
  });

  test("[VA-3] each character of the text dropped, doubled or replaced closes it", async () => {
    const sealed = await sealText("abc");
    const expected = await refusal("");
    for (let i = 0; i < sealed.length; i++) {
      const [head, here, tail] = [sealed.slice(0, i), sealed[i], sealed.slice(i + 1)];
      const variants = [head + tail, `${head}${here}${here}${tail}`];
      for (const other of ["A", "=", "+", " ", ".", "\n"].filter((char) => char !== here)) {
        variants.push(`${head}${other}${tail}`);
      }
      for (const text of variants) expect(await refusal(text)).toEqual(expected);
    }
  });

  test("[VA-3] a tag cut to a length that GCM would allow is refused", async () => {
    const parts = (await sealText("abc")).split(".");
    for (const bytes of [4, 8, 12, 13, 14, 15]) {
      const tag = Buffer.from(parts[5] ?? "", "base64url").subarray(0, bytes);
      await refusal([...parts.slice(0, 5), tag.toString("base64url")].join("."));
    }
  });

  test("[VA-3] another version, an unknown key and strange text are the same failure", async () => {
    const sealed = await sealText("abc");
    const expected = await refusal("");
    const texts = [
      sealed.replace("v1", "v2"),
      sealed.replace("v1.k1", "v1.k9"),
      sealed.replace("v1.k1", "v1.K1"),
      sealed.replace("v1.k1", "v1.__proto__"),
      `${sealed}.AAAA`,
      `${sealed}=`,
      "plain-refresh-token",
    ];
    for (const text of texts) expect(await refusal(text)).toEqual(expected);
  });

  test("[VA-3] arbitrary text never opens and never fails otherwise", async () => {
    const part = fc.oneof(fc.string(), fc.base64String({ maxLength: 90 }));
    const texts = fc.oneof(
      fc.string(),
      fc.array(part, { minLength: 4, maxLength: 4 }).map((p) => `v1.k1.${p.join(".")}`),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        await refusal(text);
      }),
      { numRuns: 10_000 },
    );
  });

  test("[VA-12] one unreadable row leaves all others readable", async () => {
    const deps = vault();
    const rows = await Promise.all(
      ["r1", "r2", "r3"].map(async (rowId) => {
        const place = { ...context, rowId };
        return {
          place,
          sealed: await seal(deps, new Secret(`token of ${rowId}`), place),
        };
      }),
    );
    if (rows[1]) rows[1].sealed = rows[1].sealed.slice(0, -4);
    const states = await Promise.all(
      rows.map(({ place, sealed }) =>
        openSecret(deps, sealed, place, opening).then(
          (secret) => secret.reveal(),
          (error) => error.code,
        ),
      ),
    );
    expect(states).toEqual(["token of r1", "vault.unreadable", "token of r3"]);
  });
});

describe("opening", () => {
  test("[VA-11] each opening is recorded once, with purpose, place and key version", async () => {
    const deps = vault();
    const sealed = await sealText("abc", deps);
    await openSecret(deps, sealed, context, { purpose: "refresh" });
    await openSecret(deps, sealed, context, { purpose: "revoke" });
    expect(deps.recorded).toEqual([
      { purpose: "refresh", context, keyId: "k1" },
      { purpose: "revoke", context, keyId: "k1" },
    ]);
  });

  test("[VA-11] a secret is not given before its opening is recorded", async () => {
    const deps = vault();
    const sealed = await sealText("abc", deps);
    const { promise: written, resolve: finishWriting } = Promise.withResolvers<void>();
    const { promise: asked, resolve: wasAsked } = Promise.withResolvers<void>();
    let isGiven = false;
    const slow = {
      ...deps,
      recordOpening: () => {
        wasAsked();
        return written;
      },
    };
    const given = openSecret(slow, sealed, context, opening).then((secret) => {
      isGiven = true;
      return secret;
    });
    await asked;
    await new Promise((resolve) => setImmediate(resolve));
    expect(isGiven).toBe(false);
    finishWriting();
    expect((await given).reveal()).toBe("abc");
  });

  test("[VA-11] where the opening cannot be recorded, nothing is given", async () => {
    const deps = {
      ...vault(),
      recordOpening: async () => {
        throw new Error("audit table is locked");
      },
    };
    const error = await openSecret(deps, await sealText("canary"), context, opening).catch(
      (e) => e,
    );
    expect(error.message).toBe("audit table is locked");
    expect(inspect(error)).not.toContain("canary");
  });

  test("[VA-11] an opening without a purpose is refused", async () => {
    const sealed = await sealText("abc");
    await expect(openSecret(vault(), sealed, context, { purpose: " " })).rejects.toThrow(TypeError);
  });

  test("[VA-10] each copy of the vault key is wiped after sealing and opening", async () => {
    const handed: Buffer[] = [];
    const spied = new Secret(rawKey);
    const watching = {
      byteLength: 32,
      revealBytes: () => {
        const copy = spied.revealBytes();
        handed.push(copy);
        return copy;
      },
    } as unknown as Secret;
    const deps = vault({
      activeKeyId: "k1",
      keyIds: ["k1"],
      get: async () => watching,
    });
    await openSecret(deps, await sealText("abc", deps), context, opening);
    expect(handed).toHaveLength(2);
    expect(handed.every((copy) => copy.every((byte) => byte === 0))).toBe(true);
  });
});

describe("rewrapping", () => {
  const ring = createKeyRing([keyTwo, keyOne]);

  test("[VA-6] a rewrapped value is under the active version with its ciphertext unchanged", async () => {
    const sealed = await sealText("abc");
    const moved = await rewrap(vault(ring), sealed, context);
    expect(parseSealed(moved)).toMatchObject({
      keyId: "k2",
      ciphertext: parseSealed(sealed).ciphertext,
    });
    const deps = vault(createKeyRing([keyTwo]));
    expect((await openSecret(deps, moved, context, opening)).reveal()).toBe("abc");
    expect(await rewrap(vault(ring), moved, context)).toBe(moved);
  });

  test("[VA-6] a rewrapped value is still known as the one that was written, and no other is", async () => {
    const sealed = await sealText("abc");
    const moved = await rewrap(vault(ring), sealed, context);
    expect(isSameSealing(sealed, moved)).toBe(true);
    expect(isSameSealing(sealed, await sealText("abc"))).toBe(false);
    expect(isSameSealing("", "")).toBe(false);
  });

  test("[VA-6] while both versions are there, values under either open", async () => {
    const deps = vault(ring);
    const values = [await sealText("old"), await sealText("new", deps)];
    const opened = await Promise.all(values.map((v) => openSecret(deps, v, context, opening)));
    expect(opened.map((secret) => secret.reveal())).toEqual(["old", "new"]);
  });
});
