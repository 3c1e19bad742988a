import { ForbiddenError } from "#lib/core/errors.ts";
import type { Principal, Role } from "#lib/core/principal.ts";
import { requireSecondFactor } from "#lib/core/second-factor.ts";

/** How far a role reaches: everybody's, only what is one's own, or nothing. */
export type Reach = "any" | "own" | "no";

type Rule = Readonly<Record<Role, Reach>> & {
  /** Asked of whoever does this to what is not their own, or to the team. */
  readonly secondFactor: boolean;
};

/**
 * Who may do what. Grants are personal: nobody uses or even reads another's, an admin can only end it
 * (TEN-4), and so are agents. What is decided here is decided nowhere else (TEN-3).
 */
export const roleMatrix = {
  "connection.read": { member: "any", admin: "any", owner: "any", secondFactor: false },
  "connection.create": { member: "any", admin: "any", owner: "any", secondFactor: false },
  "connection.edit": { member: "own", admin: "any", owner: "any", secondFactor: true },
  "connection.delete": { member: "own", admin: "any", owner: "any", secondFactor: true },
  "grant.connect": { member: "any", admin: "any", owner: "any", secondFactor: false },
  "flow.follow": { member: "own", admin: "own", owner: "own", secondFactor: false },
  "grant.read": { member: "own", admin: "own", owner: "own", secondFactor: false },
  "grant.use": { member: "own", admin: "own", owner: "own", secondFactor: false },
  "grant.disconnect": { member: "own", admin: "any", owner: "any", secondFactor: true },
  "agent.read": { member: "own", admin: "any", owner: "any", secondFactor: false },
  "agent.create": { member: "any", admin: "any", owner: "any", secondFactor: false },
  "agent.edit": { member: "own", admin: "own", owner: "own", secondFactor: false },
  "agent.end": { member: "own", admin: "any", owner: "any", secondFactor: true },
  "connection_request.read": { member: "own", admin: "own", owner: "own", secondFactor: false },
  "connection_request.answer": { member: "own", admin: "own", owner: "own", secondFactor: false },
  "plan.read": { member: "own", admin: "any", owner: "any", secondFactor: false },
  "plan.propose": { member: "any", admin: "any", owner: "any", secondFactor: false },
  "plan.approve": { member: "own", admin: "own", owner: "own", secondFactor: false },
  "plan.approve_second": { member: "no", admin: "any", owner: "any", secondFactor: true },
  "plan.edit": { member: "own", admin: "own", owner: "own", secondFactor: false },
  "plan.apply": { member: "own", admin: "own", owner: "own", secondFactor: false },
  "plan.export": { member: "own", admin: "own", owner: "own", secondFactor: false },
  "plan.end": { member: "own", admin: "any", owner: "any", secondFactor: true },
  "lease.list": { member: "own", admin: "any", owner: "any", secondFactor: false },
  "lease.end": { member: "own", admin: "any", owner: "any", secondFactor: true },
  "team.create": { member: "any", admin: "any", owner: "any", secondFactor: false },
  "team.rename": { member: "no", admin: "any", owner: "any", secondFactor: true },
  "team.leave": { member: "own", admin: "own", owner: "own", secondFactor: false },
  "team.members.list": { member: "any", admin: "any", owner: "any", secondFactor: false },
  "team.members.inspect": { member: "own", admin: "any", owner: "any", secondFactor: false },
  "team.members.remove": { member: "no", admin: "any", owner: "any", secondFactor: true },
  "team.roles.change": { member: "no", admin: "any", owner: "any", secondFactor: true },
  "team.sessions.end": { member: "own", admin: "any", owner: "any", secondFactor: true },
  "team.invitations.list": { member: "no", admin: "any", owner: "any", secondFactor: false },
  "team.invitations.change": { member: "no", admin: "any", owner: "any", secondFactor: true },
  "team.domains.list": { member: "no", admin: "any", owner: "any", secondFactor: false },
  "team.domains.change": { member: "no", admin: "any", owner: "any", secondFactor: true },
  "team.four_eyes.change": { member: "no", admin: "no", owner: "any", secondFactor: true },
  "second_factors.reset": { member: "no", admin: "any", owner: "any", secondFactor: true },
  "people.erase": { member: "no", admin: "no", owner: "any", secondFactor: true },
  "audit.read": { member: "own", admin: "any", owner: "any", secondFactor: false },
  "audit.verify": { member: "no", admin: "any", owner: "any", secondFactor: false },
  "audit.export": { member: "no", admin: "any", owner: "any", secondFactor: true },
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof roleMatrix;

/** What an action is done to. */
export type Of = {
  /** Whose it is; `null` where nobody owns it any more. */
  ownerId?: string | null;
  /** Roles that are given or taken, or those of whom it is done to: none may stand above the doer's. */
  roles?: readonly Role[];
};

/** All of a principal that a role's rules look at. */
export type Actor = Pick<Principal, "userId" | "role">;

/** Whoever does it, with what their session proved. */
export type Doer = Actor & Pick<Principal, "hasSecondFactor" | "secondFactorAt">;

const rank: Readonly<Record<Role, number>> = { member: 0, admin: 1, owner: 2 };

/** Is this role no higher than that one? Nobody grants, or acts on, what is above their own (TEN-3). */
export const isAtMost = (role: Role, ceiling: Role): boolean => rank[role] <= rank[ceiling];

/** How far somebody reaches; for lists that hold only what is one's own, say. */
export const reachOf = (actor: Pick<Actor, "role">, action: Action): Reach =>
  roleMatrix[action][actor.role];

/** May this person do this, by role? Without an `ownerId` it is nobody's own. */
export function mayDo(actor: Actor, action: Action, of: Of = {}): boolean {
  const reach = reachOf(actor, action);
  const isWithinReach = reach === "any" || (reach === "own" && isOwn(actor, of));
  return isWithinReach && (of.roles ?? []).every((role) => isAtMost(role, actor.role));
}

/** Does this want a second factor of whoever does it? Looking after one's own never does. */
export const wantsSecondFactor = (actor: Actor, action: Action, of: Of = {}): boolean =>
  roleMatrix[action].secondFactor && !isOwn(actor, of);

/**
 * Refuses what `mayDo` denies, and what wants a second factor from a session without one (WEB-11). A use
 * case calls it with the row it is about, under the row's lock.
 *
 * @param words - what the person is told, where there is more to say than "your role"
 * @throws {ForbiddenError} this role may not
 * @throws {SecondFactorRequiredError} it may, with a second factor
 */
export function requireMay(doer: Doer, action: Action, of: Of = {}, words?: string): void {
  if (!mayDo(doer, action, of)) throw new ForbiddenError(words);
  if (wantsSecondFactor(doer, action, of)) requireSecondFactor(doer);
}

/**
 * The route's part, before any row is known: refuses a role that never may. An action that can be
 * about one's own is then for the use case to decide; all others are decided in full.
 *
 * @throws {ForbiddenError} this role may not
 * @throws {SecondFactorRequiredError} it may, with a second factor
 */
export function requireAtEntrance(doer: Doer, action: Action): void {
  const reaches: readonly Reach[] = Object.values(roleMatrix[action]).filter(
    (value) => typeof value === "string",
  );
  if (!reaches.includes("own")) requireMay(doer, action);
  else if (reachOf(doer, action) === "no") throw new ForbiddenError();
}

function isOwn(actor: Actor, of: Of): boolean {
  return of.ownerId !== undefined && of.ownerId === actor.userId;
}
