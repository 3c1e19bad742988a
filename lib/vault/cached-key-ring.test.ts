import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { Secret } from "#lib/core/secret.ts";
import { toProblemJson } from "#lib/http/problem.ts";
import { testClock } from "#lib/testing/clock.ts";
import { createCachedKeyRing, keysFreshMs, keysKeptMs } from "#lib/vault/cached-key-ring.ts";
import { createInMemoryWrapStore } from "#lib/vault/in-memory-wrap-store.ts";
import type { KeyEntry } from "#lib/vault/key-ring.ts";
import { openSecret } from "#lib/vault/open.ts";
import { seal } from "#lib/vault/seal.ts";
import type { SecretContext } from "#lib/vault/secret-context.ts";
import { createWrapCounter } from "#lib/vault/wrap-counter.ts";

const entry = (id: string): KeyEntry => ({ id, key: new Secret(randomBytes(32)) });
const context: SecretContext = {
  table: "grants",
  column: "refresh_token_sealed",
  rowId: "r1",
  ownerId: "u1",
  teamId: "t1",
  provider: "salesforce",
  tenantHost: "halden.my.salesforce.com",
  clientId: "3MVG9",
  kind: "refresh_token",
};

/** A source that can change and go away. */
function source(entries: KeyEntry[]) {
  const clock = testClock();
  const state = { entries, isAway: false, reads: 0 };
  const read = async () => {
    state.reads++;
    if (state.isAway) throw new Error("the key service does not answer");
    return state.entries;
  };
  return { clock, state, ring: createCachedKeyRing({ clock, source: { read } }, entries) };
}

const vaultOf = (keyRing: ReturnType<typeof source>["ring"]) => ({
  keyRing,
  wrapCounter: createWrapCounter({ store: createInMemoryWrapStore(), onAlarm: () => {} }),
  recordOpening: async () => {},
});

test("[VA-6] a version that is put in front is taken up within seconds, without a restart", async () => {
  const [k1, k2] = [entry("k1"), entry("k2")];
  const { clock, state, ring } = source([k1]);
  state.entries = [k2, k1];
  clock.advanceSeconds(keysFreshMs / 1000);
  await ring.get("k1");
  expect([ring.activeKeyId, ring.keyIds]).toEqual(["k2", ["k2", "k1"]]);
});

test("[VA-6] a value under a version that another process has just added opens at once", async () => {
  const [k1, k2] = [entry("k1"), entry("k2")];
  const quick = source([k2, k1]);
  const sealed = await seal(vaultOf(quick.ring), new Secret("token"), context);
  const { state, ring } = source([k1]);
  state.entries = [k2, k1];
  const opened = await openSecret(vaultOf(ring), sealed, context, { purpose: "test" });
  expect(opened.reveal()).toBe("token");
  expect(state.reads).toBe(1);
});

test("[VA-7] keys are asked for again every few seconds, and once however many wait", async () => {
  const { clock, state, ring } = source([entry("k1")]);
  await Promise.all(Array.from({ length: 50 }, () => ring.get("k1")));
  expect(state.reads).toBe(0);
  clock.advanceSeconds(keysFreshMs / 1000);
  await Promise.all(Array.from({ length: 50 }, () => ring.get("k1")));
  expect(state.reads).toBe(1);
});

test("[VA-7] a source that goes away is bridged for a minute, then everything is refused retryably", async () => {
  const { clock, state, ring } = source([entry("k1")]);
  const vault = vaultOf(ring);
  const sealed = await seal(vault, new Secret("token"), context);
  state.isAway = true;
  clock.advanceSeconds(keysKeptMs / 1000 - 1);
  expect((await openSecret(vault, sealed, context, { purpose: "test" })).reveal()).toBe("token");
  clock.advanceSeconds(1);
  for (const refused of [
    seal(vault, new Secret("token"), context),
    openSecret(vault, sealed, context, { purpose: "test" }),
  ]) {
    const error = await refused.catch((thrown: unknown) => thrown);
    expect(toProblemJson(error, "r1")).toMatchObject({
      status: 503,
      code: "vault.keys_unavailable",
      remedy: { do: "retry" },
    });
  }
  state.isAway = false;
  expect((await openSecret(vault, sealed, context, { purpose: "test" })).reveal()).toBe("token");
});

test("[VA-7] while the source is away, a version that is not known is unavailable, not a bad row", async () => {
  const { state, ring } = source([entry("k1")]);
  state.isAway = true;
  await expect(ring.get("k2")).rejects.toMatchObject({ code: "vault.keys_unavailable" });
});
