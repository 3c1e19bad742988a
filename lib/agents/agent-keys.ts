import { createSecretKey, type KeyObject } from "node:crypto";
import { LRUCache } from "lru-cache";
import { isAboutAgent } from "#lib/agents/about-agent.ts";
import { keyIdOf } from "#lib/agents/agent-key.ts";
import { findKeys, type KeyRow, type KeyUse, noteKeyUses } from "#lib/agents/key-repository.ts";
import type { Logger } from "#lib/core/log.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { Change, ChangeFeed } from "#lib/db/changes.ts";
import { createGroupCommit } from "#lib/db/group-commit.ts";
import type { HotPool } from "#lib/db/hot-pool.ts";

const MAX_KEPT = 20_000;
const NOTE_EVERY_MS = 60_000;

/** A key as it was read: to be believed for as long as the change feed is current. */
export type HeldKey = {
  readonly secretHash: Uint8Array;
  readonly expiresAtMs: number;
  /** Null where the key, its agent or its owner does not count any more. */
  readonly principal: AgentPrincipal | null;
  readonly connectionIds: ReadonlySet<string>;
  readonly agentId: string;
  readonly ownerId: string;
  readonly teamId: string;
  /** When its use was last told. */
  lastUsedAtMs: number;
};

/**
 * The keys that this process knows, and how it learns and notes them. Bounded; only keys that exist are
 * kept, so that made-up ones push nothing out.
 */
export type AgentKeys = {
  /** For `hashAgentKey`. */
  readonly hashingKey: KeyObject;
  /** From memory; nothing of it is to be used while the feed is not current. */
  peek(feed: ChangeFeed, handle: string): HeldKey | undefined;
  /** From the database, in one query with whatever else is asked for meanwhile. */
  read(feed: ChangeFeed, handle: string): Promise<HeldKey | null>;
  /** Notes a use, once a minute and key at most; whoever asks waits for nothing. */
  noteUse(key: HeldKey, at: Date): void;
  /** Resolves when every use told so far is written, or given up. */
  settled(): Promise<void>;
};

export function createAgentKeys(deps: {
  hotPool: HotPool;
  log: Logger;
  derivedKeys: { readonly agentKeyHashing: Secret };
}): AgentKeys {
  const kept = new LRUCache<string, HeldKey>({ max: MAX_KEPT });
  const keyBytes = deps.derivedKeys.agentKeyHashing.revealBytes();
  const hashingKey = createSecretKey(keyBytes);
  keyBytes.fill(0);
  const reads = createGroupCommit<string, KeyRow | null>({
    pool: deps.hotPool,
    write: async (sql, ids) => {
      const found = await findKeys(sql, ids);
      return ids.map((id) => found.get(id) ?? null);
    },
  });
  const notes = createGroupCommit<KeyUse, null>({
    pool: deps.hotPool,
    write: async (sql, uses) => {
      await noteKeyUses(sql, uses);
      return uses.map(() => null);
    },
  });
  let followed: ChangeFeed | null = null;
  let unfollow = () => {};
  let changes = 0;

  function forget(change: Change | "all"): void {
    changes += 1;
    if (change === "all") kept.clear();
    else {
      for (const [handle, key] of kept.entries()) if (concerns(change, key)) kept.delete(handle);
    }
  }
  // The server sets its feed after these were made.
  function follow(feed: ChangeFeed): void {
    if (feed === followed) return;
    unfollow();
    followed = feed;
    forget("all");
    unfollow = feed.subscribe(forget);
  }

  return {
    hashingKey,
    peek(feed, handle) {
      follow(feed);
      return kept.get(handle);
    },
    async read(feed, handle) {
      follow(feed);
      const changesBefore = changes;
      const row = await reads.add(keyIdOf(handle));
      if (row === null) return null;
      const key = heldKey(row);
      // What changed while it was read may be about it.
      if (changes === changesBefore) kept.set(handle, key);
      return key;
    },
    noteUse(key, at) {
      const { principal, lastUsedAtMs } = key;
      // A clock that was set back does not silence it.
      const isNoted = Math.abs(at.getTime() - lastUsedAtMs) < NOTE_EVERY_MS;
      if (principal === null || isNoted) return;
      key.lastUsedAtMs = at.getTime();
      const { keyId } = principal;
      notes
        .add({ keyId, at })
        .catch((error: unknown) => deps.log.warn("a key's last use was not noted", { error }));
    },
    settled: () => notes.idle(),
  };
}

const concerns = (change: Change, key: HeldKey): boolean =>
  isAboutAgent(change, key) || (change.kind === "connection" && key.connectionIds.has(change.id));

function heldKey(row: KeyRow): HeldKey {
  const { keyId, agentId, ownerId, teamId, mode, isLive, secretHash } = row;
  const { asksForConnections } = row;
  const connections = new Map(
    row.connections.map(({ connectionId, ...reach }) => [connectionId, Object.freeze(reach)]),
  );
  const principal: AgentPrincipal = Object.freeze({
    kind: "agent",
    agentId,
    keyId,
    teamId,
    ownerId,
    mode,
    budget: Object.freeze(row.budget),
    asksForConnections,
    connections,
  });
  return {
    secretHash,
    expiresAtMs: row.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
    principal: isLive ? principal : null,
    connectionIds: new Set(connections.keys()),
    agentId,
    ownerId,
    teamId,
    lastUsedAtMs: row.lastUsedAt?.getTime() ?? Number.NEGATIVE_INFINITY,
  };
}
