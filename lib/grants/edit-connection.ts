import { recordEvent } from "#lib/audit/record-event.ts";
import { authHostOf, type Connection, clientSecretContext } from "#lib/connections/connection.ts";
import { ChangedMeanwhileError } from "#lib/connections/errors.ts";
import { patchedDefinition } from "#lib/connections/patched-definition.ts";
import {
  findConnection,
  takeBackDirectWrites,
  updateConnectionRow,
} from "#lib/connections/repository.ts";
import { resolveDefinition } from "#lib/connections/resolve-definition.ts";
import type { ConnectionPatch } from "#lib/connections/schema.ts";
import {
  appliesElsewhere,
  changedFields,
  pointsElsewhere,
} from "#lib/connections/what-an-edit-ends.ts";
import type { Env } from "#lib/core/env.ts";
import { InvalidInputError, NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { Secret } from "#lib/core/secret.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import { attemptRevocations } from "#lib/grants/attempt-revocation.ts";
import type { DisconnectDeps } from "#lib/grants/disconnect-grant.ts";
import { endAll, requireMayEndAll } from "#lib/grants/end-grants.ts";
import { EditEndsAccessError } from "#lib/grants/errors.ts";
import { listLiveGrants, lockConnection, noteMissingScopes } from "#lib/grants/grant-repository.ts";
import type { Revocation } from "#lib/grants/revocation-repository.ts";
import { namesOf } from "#lib/grants/revocation-repository.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { seal } from "#lib/vault/seal.ts";

export type EditDeps = DisconnectDeps & { settings: Pick<Env, "salesforce" | "demoUrl"> };

/**
 * Changes a definition. Where it points elsewhere by that, at another host, client or business unit, all
 * grants under it are void in the same transaction: nobody's token follows the edit (TEN-5), and each is
 * queued to be ended where it came from. A stored secret goes with its app and host alone: at another one
 * it is typed again or removed.
 *
 * @param patch - what is absent stays; `version` is of the definition that the editor saw, `voids` how
 *   many people they were told would have to reconnect
 * @throws {NotFoundError} absent, or another team's
 * @throws {ForbiddenError} neither its maker nor an admin, or it ends teammates' access and no admin
 * @throws {ChangedMeanwhileError} somebody else was first: nothing is stored
 * @throws {EditEndsAccessError} more or fewer people than said would have to reconnect
 * @throws {InvalidInputError} naming the field
 */
export async function editConnection(
  deps: EditDeps,
  principal: Principal,
  id: string,
  patch: ConnectionPatch,
): Promise<void> {
  const queued = await inTransaction(deps.db, async (tx) => {
    if (!(await lockConnection(tx, principal, id))) throw new NotFoundError();
    const before = await findConnection(tx, principal, id);
    if (!before) throw new NotFoundError();
    const words = "Only its maker or an admin can change a connection.";
    requireMay(principal, "connection.edit", { ownerId: before.createdById }, words);
    const after = await edited(deps, before, patch);
    const changed = changedFields(before, after);
    if (changed.length === 0) return [];
    const isRename = changed.every((field) => field === "name");
    if (patch.version !== undefined ? patch.version !== before.version : !isRename) {
      throw new ChangedMeanwhileError();
    }
    // Under the definition as it was: its tokens open, and end, there alone.
    const revocations = pointsElsewhere(before, after)
      ? await voidGrants(deps, tx, principal, before, patch.voids)
      : [];
    await updateConnectionRow(tx, principal, after, deps.clock.now());
    if (changed.includes("scopes")) await noteMissingScopes(tx, principal, after);
    await recordEvent(tx, deps, {
      action: isRename ? "connection.renamed" : "connection.edited",
      principal,
      target: { kind: "connection", id },
      connectionId: id,
      result: "success",
      detail: isRename
        ? { from: before.name, to: after.name }
        : {
            changed,
            hostBefore: authHostOf(before),
            host: authHostOf(after),
            voided: revocations.length,
          },
    });
    return revocations;
  });
  await attemptRevocations(deps, principal, queued);
}

async function edited(
  deps: EditDeps,
  before: Connection,
  patch: ConnectionPatch,
): Promise<Connection> {
  const { version: _version, voids: _voids, name, ...rest } = patch;
  if (name !== undefined && Object.keys(rest).length === 0) return { ...before, name };
  const definition = patchedDefinition(before, patch);
  const resolved = resolveDefinition(settingsFor(deps.settings, before), definition);
  const after: Connection = { ...before, ...resolved };
  if (appliesElsewhere(before, after)) {
    Object.assign(after, { orgId: null, orgName: null, instanceHost: null, enterpriseId: null });
  } else {
    // What the first proof taught stands.
    after.groupKey = before.groupKey;
    after.groupName = before.groupName;
  }
  after.clientSecretSealed = await editedSecret(deps, before, after, patch.clientSecret);
  return after;
}

/** The studio's own and the packaged app stay the ones they were, whatever is set up by now. */
function settingsFor(settings: EditDeps["settings"], before: Connection): EditDeps["settings"] {
  if (before.environment === "demo") return settings;
  const { clientId } = before;
  return {
    ...settings,
    salesforce: { ...settings.salesforce, clientId, packageClientId: clientId },
  };
}

async function editedSecret(
  deps: EditDeps,
  before: Connection,
  after: Connection,
  typed: string | null | undefined,
): Promise<string | null> {
  if (typed) return seal(deps.vault, new Secret(typed), clientSecretContext(after));
  if (typed === null || before.clientSecretSealed === null) return null;
  if (!pointsElsewhere(before, after)) return before.clientSecretSealed;
  const message =
    "Enter the Client Secret again: the stored one is only for the app and host before.";
  throw new InvalidInputError(message, [{ path: "clientSecret", message }]);
}

/** What an owner let an agent write without a plan was for where the connection pointed (TEN-5). */
async function endDirectWrites(
  deps: EditDeps,
  tx: Transaction,
  principal: Principal,
  connectionId: string,
): Promise<void> {
  for (const agent of await takeBackDirectWrites(tx, connectionId, deps.clock.now())) {
    await recordEvent(tx, deps, {
      action: "agent.writes_ended",
      principal,
      target: { kind: "agent", id: agent.id },
      connectionId,
      ...(agent.ownerId === principal.userId ? {} : { onBehalfOf: agent.ownerId }),
      result: "success",
      detail: { name: agent.name, cause: "definition_changed" },
    });
  }
}

async function voidGrants(
  deps: EditDeps,
  tx: Transaction,
  principal: Principal,
  { id: connectionId, teamId }: Connection,
  told: number,
): Promise<Revocation[]> {
  const words = "Teammates are connected here: an admin can change where it points.";
  await requireMayEndAll(tx, principal, connectionId, words);
  const live = await listLiveGrants(tx, { teamId, connectionId });
  if (live.length !== told) {
    const names = await namesOf(
      tx,
      live.map(({ userId }) => userId),
    );
    throw new EditEndsAccessError([...names.values()].sort());
  }
  await endDirectWrites(deps, tx, principal, connectionId);
  const of = { teamId, connectionId };
  return (await endAll(deps, tx, principal, of, "definition_changed")).revocations;
}
