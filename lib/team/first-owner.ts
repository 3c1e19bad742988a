import { recordEvent } from "#lib/audit/record-event.ts";
import { SetUpCodeWrongError, SetUpDoneError } from "#lib/auth/errors.ts";
import { networkOf } from "#lib/auth/network.ts";
import type { Client } from "#lib/auth/open-session.ts";
import { hashPassword, requireGoodPassword } from "#lib/auth/password.ts";
import { emailSchema } from "#lib/auth/schema.ts";
import { hasOwner, isSetUpCode, removeSetUpCodes } from "#lib/auth/set-up-code.ts";
import { beginAttempt, forgetAttempts, setUpPolicy, throttleKey } from "#lib/auth/throttle.ts";
import type { Clock } from "#lib/core/clock.ts";
import { InvalidInputError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { insertMembership } from "#lib/team/members-repository.ts";
import { insertTeam } from "#lib/team/teams-repository.ts";
import { insertUser } from "#lib/team/users-repository.ts";

export type FirstOwnerDeps = {
  db: Database;
  clock: Clock;
  random: Random;
  /** What a new team starts with; in the same transaction. */
  onTeamCreated(tx: Transaction, made: { teamId: string; userId: string }): Promise<void>;
};

export type FirstOwner = { email: string; name: string; teamName: string; password: Secret };
type Made = { userId: string; teamId: string; email: string };

/** One at a time over all processes, so that there is one first owner. */
const SET_UP_LOCK = 7_270_737_001n;

/**
 * Makes the first owner and the team for whoever holds a code that the server printed. All or
 * nothing; afterwards no code is valid. It signs nobody in.
 *
 * @throws {SetUpDoneError} there is an owner already
 * @throws {SetUpCodeWrongError} nothing was done
 * @throws {ThrottledError} too many wrong codes
 * @throws {GuessablePasswordError} the password is short, long or common
 */
export async function setUpFirstOwner(
  deps: FirstOwnerDeps,
  input: FirstOwner & { code: Secret },
  client: Client,
): Promise<Made> {
  if (await hasOwner(deps)) throw new SetUpDoneError();
  const bucket = {
    key: throttleKey("set-up", networkOf(client.address)),
    policy: setUpPolicy,
  };
  await beginAttempt(deps, [bucket]);
  // Before what costs time, so that strangers cannot keep the server busy with it.
  if (!(await isSetUpCode(deps, input.code))) throw new SetUpCodeWrongError();
  requireGoodPassword(input.password, "password", [input.email, input.name, input.teamName]);
  const passwordHash = await hashPassword(input.password);
  return inTransaction(deps.db, async (tx) => {
    await lockSetUp(tx);
    if (await hasOwner({ db: tx })) throw new SetUpDoneError();
    if (!(await isSetUpCode({ ...deps, db: tx }, input.code))) throw new SetUpCodeWrongError();
    const made = await createFirstOwner(tx, deps, { ...input, passwordHash }, client.requestId);
    await forgetAttempts({ ...deps, db: tx }, bucket);
    return made;
  });
}

/**
 * Makes the first owner from the operator's settings while there is none; later it does nothing.
 *
 * @throws {InvalidInputError} a setting cannot be used; names it, never its value
 */
export async function ensureUnattendedOwner(
  deps: FirstOwnerDeps,
  settings: { email: string; password: Secret; name?: string; teamName?: string },
): Promise<"created" | "exists"> {
  if (await hasOwner(deps)) return "exists";
  const email = emailSchema.safeParse(settings.email);
  if (!email.success) {
    throw new InvalidInputError("STUDIO_OWNER_EMAIL must be an e-mail address");
  }
  const name = settings.name ?? "Owner";
  const teamName = settings.teamName ?? "My team";
  requireGoodPassword(settings.password, "STUDIO_OWNER_PASSWORD", [email.data, name, teamName]);
  const passwordHash = await hashPassword(settings.password);
  return inTransaction(deps.db, async (tx) => {
    await lockSetUp(tx);
    if (await hasOwner({ db: tx })) return "exists";
    await createFirstOwner(tx, deps, { email: email.data, name, teamName, passwordHash });
    return "created";
  });
}

async function lockSetUp(tx: Transaction): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(${SET_UP_LOCK}::bigint)`;
}

async function createFirstOwner(
  tx: Transaction,
  deps: FirstOwnerDeps,
  input: Omit<FirstOwner, "password"> & { passwordHash: string },
  requestId?: string,
): Promise<Made> {
  const { email, name, teamName, passwordHash } = input;
  const createdAt = deps.clock.now();
  const userId = deps.random.uuid();
  const teamId = deps.random.uuid();
  await insertTeam(tx, { id: teamId, name: teamName, createdAt });
  await insertUser(tx, { id: userId, email, name, passwordHash, createdAt });
  await insertMembership(tx, { teamId, userId, role: "owner", createdAt });
  const made = {
    principal: null,
    teamId,
    result: "success",
    ...(requestId ? { requestId } : {}),
  } as const;
  await recordEvent(tx, deps, {
    ...made,
    action: "team.created",
    target: { kind: "team", id: teamId },
  });
  await recordEvent(tx, deps, {
    ...made,
    action: "user.created",
    target: { kind: "user", id: userId },
    detail: { role: "owner" },
  });
  await removeSetUpCodes({ db: tx });
  await deps.onTeamCreated(tx, { teamId, userId });
  return { userId, teamId, email };
}
