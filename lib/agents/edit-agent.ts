import { type AgentDeps, type EndAgentDeps, rowsOf } from "#lib/agents/create-agent.ts";
import { getAgent } from "#lib/agents/list-agents.ts";
import { ownNewNetworks } from "#lib/agents/network-repository.ts";
import {
  addedReaches,
  checkedReaches,
  type Reaches,
  recordWriteChanges,
  widenedWrites,
} from "#lib/agents/reaches.ts";
import {
  type AgentRow,
  type AgentTerms,
  announceAgent,
  endLeaseRows,
  hasProduction,
  listReaches,
  replaceReaches,
  revokeKeys,
  revokeStandingOf,
  updateAgent,
} from "#lib/agents/repository.ts";
import { requireAgent, requireJustProven } from "#lib/agents/require-agent.ts";
import type { AgentJson, AgentPatch } from "#lib/agents/schema.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";

/**
 * Changes an agent. What it may do less counts everywhere within a second; what it may do more wants
 * whoever does it to have proven themselves just now. Disabling ends its leases; done by another than its
 * owner it also revokes its keys, so that enabling it again arms nothing that was stopped.
 *
 * @param patch - what is absent stays
 * @throws {NotFoundError} absent, another team's, or a teammate's and the principal is no admin
 * @throws {ForbiddenError} an admin, for anything but disabling
 * @throws {SecondFactorRequiredError | RecentSignInNeededError} it widens, or an admin without a second factor
 * @throws {InvalidInputError} a connection that is not the team's, or a time that cannot be
 */
export async function editAgent(
  deps: EndAgentDeps,
  principal: Principal,
  agentId: string,
  patch: AgentPatch,
  requestId?: string,
): Promise<AgentJson> {
  return inTransaction(deps.db, async (tx) => {
    const onlyDisables = patch.isDisabled === true && Object.keys(patch).length === 1;
    const agent = await requireAgent(
      tx,
      principal,
      agentId,
      onlyDisables ? "agent.end" : "agent.edit",
    );
    const before: Reaches = await listReaches(tx, agentId);
    const mode = patch.mode ?? agent.mode;
    // In plan mode nothing is written: what was allowed is taken back, and must be allowed anew.
    const keep = (until: Date | null) => (mode === "build" ? until : null);
    const after = await checkedReaches(
      tx,
      deps,
      principal,
      {
        mode,
        connections:
          patch.connections ??
          rowsOf(before).map((reach) => ({
            ...reach,
            directWritesUntil: keep(reach.directWritesUntil),
          })),
      },
      before,
    );
    const isEnabled = patch.isDisabled === false && agent.disabledAt !== null;
    const terms = termsOf(agent, patch);
    const widens =
      isEnabled ||
      (patch.isPaused === false && agent.pausedAt !== null) ||
      widenedTerms(agent, terms) ||
      (mode === "build" && agent.mode === "plan") ||
      widenedWrites(before, after).length > 0 ||
      (await reachesFurther(tx, principal, mode, addedReaches(before, after)));
    if (widens) await requireJustProven(tx, deps, principal);
    await store(deps, tx, principal, agent, patch, { mode, terms, before, after }, requestId);
    if (patch.isPaused === false) await letGoOn(deps, tx, principal, agent, requestId);
    if (patch.isDisabled !== undefined) {
      await setDisabled(deps, tx, principal, agent, patch.isDisabled, requestId);
    }
    await announceAgent(tx, agentId);
    return getAgent({ ...deps, db: tx }, principal, agentId);
  });
}

/** A connection more counts as more where it is production, or where the agent applies plans itself. */
async function reachesFurther(
  tx: Transaction,
  principal: Principal,
  mode: AgentRow["mode"],
  added: readonly string[],
): Promise<boolean> {
  if (added.length === 0) return false;
  return mode === "build" || (await hasProduction(tx, principal, added));
}

async function store(
  deps: AgentDeps,
  tx: Transaction,
  principal: Principal,
  agent: AgentRow,
  patch: AgentPatch,
  {
    mode,
    terms,
    before,
    after,
  }: { mode: AgentRow["mode"]; terms: AgentTerms; before: Reaches; after: Reaches },
  requestId: string | undefined,
): Promise<void> {
  const name = patch.name ?? agent.name;
  const [added, removed] = [addedReaches(before, after), addedReaches(after, before)];
  const changed = [
    ...(name === agent.name ? [] : ["name"]),
    ...(mode === agent.mode ? [] : ["mode"]),
    ...(added.length + removed.length === 0 ? [] : ["connections"]),
    ...termNames.filter((term) => terms[term] !== agent[term]),
  ];
  await replaceReaches(tx, agent.id, rowsOf(after));
  await recordWriteChanges(tx, deps, principal, { ...agent, name }, before, after);
  if (changed.length === 0) return;
  if (removed.length > 0) {
    const of = { teamId: agent.teamId, agentId: agent.id, connectionIds: removed };
    await revokeStandingOf(tx, of, deps.clock.now());
  }
  await updateAgent(tx, principal, agent.id, { name, mode, ...terms, updatedAt: deps.clock.now() });
  await recordEvent(tx, deps, {
    action: "agent.edited",
    principal,
    target: { kind: "agent", id: agent.id },
    result: "success",
    detail: {
      name,
      changed,
      ...(name === agent.name ? {} : { from: agent.name }),
      ...(mode === agent.mode ? {} : { mode }),
      ...(added.length === 0 ? {} : { added }),
      ...(removed.length === 0 ? {} : { removed }),
    },
    ...(requestId ? { requestId } : {}),
  });
}

const termNames = [
  "asksForConnections",
  "callsPerDay",
  "rowsPerDay",
  "sendsPerDay",
  "pausesOnNewNetwork",
] as const;

const termsOf = (agent: AgentTerms, patch: AgentPatch): AgentTerms => ({
  asksForConnections: patch.asksForConnections ?? agent.asksForConnections,
  callsPerDay: patch.callsPerDay === undefined ? agent.callsPerDay : patch.callsPerDay,
  rowsPerDay: patch.rowsPerDay === undefined ? agent.rowsPerDay : patch.rowsPerDay,
  sendsPerDay: patch.sendsPerDay === undefined ? agent.sendsPerDay : patch.sendsPerDay,
  pausesOnNewNetwork: patch.pausesOnNewNetwork ?? agent.pausesOnNewNetwork,
});

const isMore = (before: number | null, after: number | null) =>
  before !== null && (after === null || after > before);

/** A budget that becomes larger, or none any more, and a stop less. */
const widenedTerms = (before: AgentTerms, after: AgentTerms): boolean =>
  isMore(before.callsPerDay, after.callsPerDay) ||
  isMore(before.rowsPerDay, after.rowsPerDay) ||
  isMore(before.sendsPerDay, after.sendsPerDay) ||
  (before.pausesOnNewNetwork && !after.pausesOnNewNetwork);

/** Its owner has looked: it goes on, and the networks that were new are its own. */
async function letGoOn(
  deps: AgentDeps,
  tx: Transaction,
  principal: Principal,
  agent: AgentRow,
  requestId: string | undefined,
): Promise<void> {
  const networks = await ownNewNetworks(tx, agent.id);
  if (agent.pausedAt === null && networks.length === 0) return;
  await updateAgent(tx, principal, agent.id, {
    pausedAt: null,
    pausedReason: null,
    lookedAt: deps.clock.now(),
    updatedAt: deps.clock.now(),
  });
  await recordEvent(tx, deps, {
    action: agent.pausedAt === null ? "agent.networks_known" : "agent.resumed",
    principal,
    target: { kind: "agent", id: agent.id },
    result: "success",
    detail: {
      name: agent.name,
      ...(agent.pausedReason === null ? {} : { reason: agent.pausedReason }),
      ...(networks.length === 0 ? {} : { networks }),
    },
    ...(requestId ? { requestId } : {}),
  });
}

async function setDisabled(
  deps: EndAgentDeps,
  tx: Transaction,
  principal: Principal,
  agent: AgentRow,
  isDisabled: boolean,
  requestId: string | undefined,
): Promise<void> {
  const now = deps.clock.now();
  const isOwn = agent.ownerId === principal.userId;
  const of = { teamId: agent.teamId, agentId: agent.id };
  const isUnchanged = (agent.disabledAt !== null) === isDisabled;
  // An admin stops for good what its owner had only paused.
  const keys = isDisabled && !isOwn ? await revokeKeys(tx, of, now) : [];
  if (isDisabled && !isOwn) await revokeStandingOf(tx, of, now);
  if (isUnchanged && keys.length === 0) return;
  const disabledAt = isDisabled ? (agent.disabledAt ?? now) : null;
  await updateAgent(tx, principal, agent.id, { disabledAt, updatedAt: now });
  if (isDisabled) await deps.onAgentEnded(tx, principal, of);
  const leasesEnded = isDisabled ? await endLeaseRows(tx, of, now) : 0;
  await recordEvent(tx, deps, {
    action: isDisabled ? "agent.disabled" : "agent.enabled",
    principal,
    target: { kind: "agent", id: agent.id },
    ...(isOwn ? {} : { onBehalfOf: agent.ownerId }),
    result: "success",
    detail: {
      name: agent.name,
      ...(isDisabled ? { keysRevoked: keys.length, leasesEnded } : {}),
    },
    ...(requestId ? { requestId } : {}),
  });
}
