import { expect, test } from "vitest";
import { ForbiddenError, SecondFactorRequiredError } from "#lib/core/errors.ts";
import { type Role, roles } from "#lib/core/principal.ts";
import {
  type Action,
  isAtMost,
  mayDo,
  reachOf,
  requireAtEntrance,
  requireMay,
  roleMatrix,
  wantsSecondFactor,
} from "#lib/policy/role-matrix.ts";

const actions = Object.keys(roleMatrix) as Action[];
const cases = actions.flatMap((action) => roles.map((role) => [action, role] as const));
const as = (role: Role, hasSecondFactor = true) => ({
  userId: "me",
  role,
  hasSecondFactor,
  secondFactorAt: hasSecondFactor ? new Date(0) : null,
});

test.each(cases)("[TEN-3] %s by %s reaches as far as the matrix says", (action, role) => {
  const reach = reachOf(as(role), action);
  expect(mayDo(as(role), action, { ownerId: "me" })).toBe(reach !== "no");
  for (const of of [{ ownerId: "somebody else" }, { ownerId: null }, {}]) {
    expect(mayDo(as(role), action, of)).toBe(reach === "any");
    const attempt = () => requireMay(as(role), action, of);
    if (reach === "any") expect(attempt).not.toThrow();
    else expect(attempt).toThrow(ForbiddenError);
  }
  const enter = () => requireAtEntrance(as(role), action);
  if (reach === "no") expect(enter).toThrow(ForbiddenError);
  else expect(enter).not.toThrow();
});

test.each(actions)("[TEN-3] a higher role reaches no less far with %s", (action) => {
  const order = ["no", "own", "any"];
  const [owner, admin, member] = roles.map((role) => order.indexOf(reachOf(as(role), action)));
  expect(owner).toBeGreaterThanOrEqual(admin ?? 0);
  expect(admin).toBeGreaterThanOrEqual(member ?? 0);
});

test.each(actions)(
  "[WEB-11] %s wants a second factor, or never, and never for one's own",
  (action) => {
    expect(wantsSecondFactor(as("admin"), action, { ownerId: "me" })).toBe(false);
    const expected = roleMatrix[action].secondFactor;
    expect(wantsSecondFactor(as("admin"), action, { ownerId: "another" })).toBe(expected);
    expect(wantsSecondFactor(as("admin"), action)).toBe(expected);
  },
);

test.each(actions)(
  "[WEB-11] %s is refused to a session without a second factor where the matrix wants one",
  (action) => {
    const owner = as("owner", false);
    const theirs = { ownerId: "another" };
    const attempt = () => requireMay(owner, action, theirs);
    if (!mayDo(owner, action, theirs)) expect(attempt).toThrow(ForbiddenError);
    else if (!roleMatrix[action].secondFactor) expect(attempt).not.toThrow();
    else expect(attempt).toThrow(SecondFactorRequiredError);
    expect(() => requireMay(owner, action, { ownerId: "me" })).not.toThrow();
  },
);

test("[WEB-11] a refusal for want of a second factor says how to go on", () => {
  const attempt = () => requireAtEntrance(as("admin", false), "team.roles.change");
  expect(attempt).toThrow(
    expect.objectContaining({
      code: "auth.second_factor_required",
      status: 403,
      remedy: { do: "second-factor", step: "set-up" },
    }),
  );
});

test("[TEN-4] nobody, whatever their role, uses or reads another's grant", () => {
  for (const role of roles) {
    for (const action of ["grant.use", "grant.read", "flow.follow"] as const) {
      expect(mayDo(as(role), action, { ownerId: "another" })).toBe(false);
    }
  }
});

test("[TEN-3] nobody gives, takes or acts on a role above their own", () => {
  expect(isAtMost("admin", "admin")).toBe(true);
  expect(isAtMost("owner", "admin")).toBe(false);
  for (const by of roles) {
    for (const role of roles) {
      const isAllowed = by !== "member" && isAtMost(role, by);
      expect(mayDo(as(by), "team.roles.change", { roles: [role] })).toBe(isAllowed);
      expect(mayDo(as(by), "team.invitations.change", { roles: [role] })).toBe(isAllowed);
    }
  }
  expect(mayDo(as("admin"), "team.roles.change", { roles: ["owner", "member"] })).toBe(false);
});
