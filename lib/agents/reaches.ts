import { holdConnections } from "#lib/agents/repository.ts";
import type { AgentMode, ReachInput } from "#lib/agents/schema.ts";
import { DIRECT_WRITES_DAYS_MOST } from "#lib/agents/terms.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import { InvalidInputError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Transaction } from "#lib/db/client.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export type Reaches = ReadonlyMap<string, { directWritesUntil: Date | null }>;
export const noReaches: Reaches = new Map();

/** Compared by the moment, not by the object. */
const sameMoment = (one: Date | null, other: Date | null) =>
  (one?.getTime() ?? null) === (other?.getTime() ?? null);

/**
 * The connections that an agent is to have, checked: each the team's, writes without a plan only in build
 * mode and for thirty days at most. What was allowed before and stays as it was is not asked again.
 *
 * @throws {InvalidInputError} one of them is not the team's, or nobody's; or a time that cannot be
 */
export async function checkedReaches(
  tx: Transaction,
  deps: { clock: Clock },
  principal: Principal,
  asked: { mode: AgentMode; connections: readonly ReachInput[] },
  before: Reaches,
): Promise<Reaches> {
  const ids = asked.connections.map(({ connectionId }) => connectionId);
  const held = await holdConnections(tx, principal, ids);
  if (held.size !== ids.length) {
    throw refusal("One of these connections is not there any more. Choose again.");
  }
  const now = deps.clock.now().getTime();
  for (const { connectionId, directWritesUntil: until } of asked.connections) {
    if (until === null) continue;
    if (asked.mode !== "build") throw refusal("Only an agent in build mode writes at all.");
    if (sameMoment(until, before.get(connectionId)?.directWritesUntil ?? null)) continue;
    if (until.getTime() <= now) throw refusal("Choose an end that lies ahead.");
    if (until.getTime() > now + DIRECT_WRITES_DAYS_MOST * DAY_MS) {
      throw refusal(
        `Writes without a plan are allowed for ${DIRECT_WRITES_DAYS_MOST} days at most.`,
      );
    }
  }
  return new Map(
    asked.connections.map(({ connectionId, directWritesUntil }) => [
      connectionId,
      { directWritesUntil },
    ]),
  );
}

const refusal = (message: string) =>
  new InvalidInputError(message, [{ path: "connections", message }]);

/** Connections where writes without a plan are allowed that were not, or for longer than they were. */
export function widenedWrites(before: Reaches, after: Reaches): string[] {
  return [...after].flatMap(([id, { directWritesUntil: until }]) =>
    until !== null && until > (before.get(id)?.directWritesUntil ?? new Date(0)) ? id : [],
  );
}

export const addedReaches = (before: Reaches, after: Reaches): string[] =>
  [...after.keys()].filter((id) => !before.has(id));

/**
 * Leaves an event on each connection where it changed whether an agent writes without a plan, so that
 * whoever looks at the connection sees it (BRK-3's rule for what an owner opens).
 */
export async function recordWriteChanges(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  principal: Principal,
  agent: { id: string; name: string },
  before: Reaches,
  after: Reaches,
): Promise<void> {
  const now = deps.clock.now();
  for (const connectionId of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(connectionId)?.directWritesUntil ?? null;
    const is = after.get(connectionId)?.directWritesUntil ?? null;
    const isOver = is === null && (was === null || was <= now);
    if (isOver || sameMoment(was, is)) continue;
    await recordEvent(tx, deps, {
      action: is === null ? "agent.writes_ended" : "agent.writes_allowed",
      principal,
      target: { kind: "agent", id: agent.id },
      connectionId,
      result: "success",
      detail: { name: agent.name, ...(is === null ? {} : { until: is.toISOString() }) },
    });
  }
}
