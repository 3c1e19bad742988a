import { OAuthRefusal } from "#lib/simulator/salesforce/errors.ts";
import type { SalesforceCore } from "#lib/simulator/salesforce/state.ts";
import { subjectOf } from "#lib/simulator/salesforce/state.ts";
import type { App, Org, SalesforceUser } from "#lib/simulator/salesforce/world.ts";

export const approvalKey = (app: App, user: SalesforceUser) => `${app.clientId} ${user.id}`;

export const isInstalled = (app: App, org: Org): boolean =>
  app.kind === "built-in" || app.orgs.includes(org.id);

/** Whether an admin has let this user use an app that only approved users may. */
export const isAdminApproved = (app: App, user: SalesforceUser): boolean =>
  app.approvedUsers.includes(user.username) ||
  app.approvedProfiles.includes(user.profile) ||
  user.permissionSets.some((label) => app.approvedPermissionSets.includes(label));

/**
 * What stands between a signed-in user and an app, in the order in which Salesforce looks.
 *
 * @param place - the same refusals have other names at the token endpoint
 * @throws {OAuthRefusal}
 */
export function requireAccess(
  core: SalesforceCore,
  app: App,
  org: Org,
  user: SalesforceUser,
  place: "redirect" | "token",
): void {
  const refuse = (name: ConstructorParameters<typeof OAuthRefusal>[0]) => {
    throw new OAuthRefusal(name, subjectOf(user, app));
  };
  if (org.status === "locked") refuse("inactiveOrg");
  if (!user.isActive) refuse("inactiveUser");
  if (app.kind === "eca-local" && !app.orgs.includes(org.id)) refuse("crossOrg");
  if (app.kind === "eca-packaged" && !isInstalled(app, org)) {
    refuse(place === "redirect" ? "ecaMissing" : "ecaMissingForJwt");
  }
  if (app.permittedUsers === "admin-approved" && !isAdminApproved(app, user)) {
    refuse(place === "redirect" ? "notAdminApproved" : "notAdminApprovedToken");
  }
  if (place === "redirect") {
    const isKnown = core.state.approvals[approvalKey(app, user)] !== undefined;
    const isBlocked =
      app.kind === "connected" &&
      org.blocksUninstalledApps &&
      !isInstalled(app, org) &&
      !user.permissions.approveUninstalledApps;
    // Who had approved before the rule goes on; API-only people never see an approval page.
    if ((isBlocked && !isKnown) || user.isIntegration) refuse("approvalGeneric");
  }
}

const callerAddress = "127.0.0.1";
const asNumber = (address: string) =>
  address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

/**
 * The limits of the user's profile, which Salesforce looks at when it gives a token.
 *
 * @throws {OAuthRefusal}
 */
export function requireAdmission(core: SalesforceCore, app: App, user: SalesforceUser): void {
  const from = asNumber(callerAddress);
  const isInside = ({ from: first, to: last }: { from: string; to: string }) =>
    asNumber(first) <= from && from <= asNumber(last);
  if (user.loginIpRanges && !user.loginIpRanges.some(isInside)) {
    throw new OAuthRefusal("ipRestricted", subjectOf(user, app));
  }
  const minute = Math.floor(core.context.clock.nowMs() / 60_000) % (24 * 60);
  const hours = user.loginHours;
  if (hours && (minute < hours.fromMinute || minute >= hours.toMinute)) {
    throw new OAuthRefusal("loginHours", subjectOf(user, app));
  }
}

/** Counts one login; @throws {OAuthRefusal} more than the hourly limit of this user */
export function countLogin(core: SalesforceCore, app: App, user: SalesforceUser): void {
  const nowMs = core.context.clock.nowMs();
  const recent = (core.state.logins[user.id] ?? []).filter((atMs) => nowMs - atMs < 3_600_000);
  if (recent.length >= core.settings.loginsPerHour) {
    throw new OAuthRefusal("rateLimit", subjectOf(user, app));
  }
  core.state.logins[user.id] = [...recent, nowMs];
}
