import { timingSafeEqual } from "node:crypto";
import { handleOf, hashAgentKey, parseAgentKey } from "#lib/agents/agent-key.ts";
import type { AgentKeys, HeldKey } from "#lib/agents/agent-keys.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { ChangeFeed } from "#lib/db/changes.ts";

export type AuthenticateDeps = { agentKeys: AgentKeys; changes: ChangeFeed; clock: Clock };

/**
 * Who an agent key is of, as everything stands now: unknown and wrong, revoked and ended keys, those of
 * disabled agents and of owners who left or were disabled are refused alike (BRK-1). A key is found by
 * its id and proven by its keyed hash, in constant time. From memory while the change feed is current, so
 * that what anybody takes back counts everywhere at once (BRK-11).
 *
 * @param credential - what came as bearer
 * @throws {Error} the database does not answer, and memory is not known to be current: refuse
 */
export function authenticateAgent(
  deps: AuthenticateDeps,
  credential: string,
): Promise<AgentPrincipal | null> {
  const parsed = parseAgentKey(credential);
  if (parsed === null) return nobody;
  const hash = hashAgentKey(deps.agentKeys.hashingKey, parsed.text);
  const held = deps.agentKeys.peek(deps.changes, parsed.handle);
  if (held !== undefined && deps.changes.isCurrent()) {
    return Promise.resolve(judge(deps, held, hash));
  }
  return authenticateByDatabase(deps, parsed.handle, hash);
}

/**
 * The agent of a key that somebody holds something by, a lease say, as everything stands now; null where
 * the key does not count any more. Proves nothing: the caller knows that the key is theirs.
 */
export async function agentOfKey(
  deps: AuthenticateDeps,
  keyId: string,
): Promise<AgentPrincipal | null> {
  const held = await holdKey(deps, handleOf(keyId));
  return held && whileValid(deps, held);
}

const nobody: Promise<null> = Promise.resolve(null);

async function authenticateByDatabase(
  deps: AuthenticateDeps,
  handle: string,
  hash: Uint8Array,
): Promise<AgentPrincipal | null> {
  const held = await holdKey(deps, handle);
  return held && judge(deps, held, hash);
}

async function holdKey(deps: AuthenticateDeps, handle: string): Promise<HeldKey | null> {
  const { agentKeys, changes } = deps;
  // Memory after the wait: what was heard in it may have taken the key out.
  const isKept = agentKeys.peek(changes, handle) !== undefined;
  const isUsable = isKept && (changes.isCurrent() || (await changes.current()));
  return (
    (isUsable ? agentKeys.peek(changes, handle) : undefined) ??
    (await agentKeys.read(changes, handle))
  );
}

function judge(deps: AuthenticateDeps, held: HeldKey, hash: Uint8Array): AgentPrincipal | null {
  return timingSafeEqual(held.secretHash, hash) ? whileValid(deps, held) : null;
}

function whileValid(deps: AuthenticateDeps, held: HeldKey): AgentPrincipal | null {
  if (held.principal === null) return null;
  const at = deps.clock.now();
  if (at.getTime() >= held.expiresAtMs) return null;
  deps.agentKeys.noteUse(held, at);
  return held.principal;
}
