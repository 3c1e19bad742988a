import { makeId } from "#lib/simulator/salesforce/ids.ts";
import type { FieldValue, Row } from "#lib/simulator/salesforce/objects.ts";
import type { Org, SalesforceUser } from "#lib/simulator/salesforce/world.ts";

/** Objects that only people with "View Setup and Configuration" see; others get INVALID_TYPE. */
export const setupObjects: ReadonlySet<string> = new Set([
  "ConnectedApplication",
  "InstalledSubscriberPackage",
  "LoginHistory",
  "OauthToken",
  "PackageLicense",
  "PermissionSetLicenseAssign",
  "SetupEntityAccess",
]);

const profileNames = [
  "System Administrator",
  "Standard User",
  "Marketing User",
  "Minimum Access - API Only Integrations",
];
const connectedAppSet = "Marketing Cloud Connected App";

const profileId = (org: Org, name: string): string =>
  makeId("00e", org.pod, profileNames.indexOf(name) + 1);

type Add = (object: string, row: Record<string, FieldValue>) => Row;

function seedUser(org: Org, user: SalesforceUser, add: Add): void {
  add("User", {
    Id: user.id,
    Username: user.username,
    Name: `${user.firstName} ${user.lastName}`,
    FirstName: user.firstName,
    LastName: user.lastName,
    Email: user.email,
    Alias: `${user.firstName[0]}${user.lastName}`.slice(0, 8).toLowerCase(),
    IsActive: user.isActive,
    ProfileId: profileId(org, user.profile),
    UserType: "Standard",
    TimeZoneSidKey: user.timeZone,
    LocaleSidKey: user.locale,
    LanguageLocaleKey: user.language,
    CompanyName: org.company,
  });
}

/** Organization, users, profiles and the set-up objects of Marketing Cloud Connect. */
export function seedSetup(org: Org, add: Add): void {
  const { setup } = org;
  add("Organization", {
    Id: org.id,
    Name: org.name,
    InstanceName: org.instanceName,
    IsSandbox: org.kind === "sandbox" || org.kind === "scratch",
    OrganizationType: org.edition,
    TrialExpirationDate: null,
    NamespacePrefix: null,
    LanguageLocaleKey: "en_US",
    PrimaryContact: `${org.users[0]?.firstName} ${org.users[0]?.lastName}`,
  });
  for (const name of profileNames) {
    add("Profile", {
      Id: profileId(org, name),
      Name: name,
      UserType: "Standard",
      PermissionsApiEnabled: name !== "Standard User",
    });
  }
  for (const user of org.users) seedUser(org, user, add);
  const app = add("ConnectedApplication", {
    Id: makeId("0H4", org.pod, 1),
    Name: "Salesforce Marketing Cloud",
    OptionsAllowAdminApprovedUsersOnly: setup.adminApprovedOnly,
    OptionsRefreshTokenValidityMetric: false,
    RefreshTokenValidityPeriod: setup.refreshPolicyZero ? 0 : null,
  });
  if (setup.packageInstalled) {
    add("InstalledSubscriberPackage", {
      Id: makeId("0A3", org.pod, 1),
      SubscriberPackageId: makeId("033", "MCC", 1),
      "SubscriberPackage.Name": "Marketing Cloud",
      "SubscriberPackage.NamespacePrefix": "et4ae5",
    });
    add("PackageLicense", {
      Id: makeId("050", org.pod, 1),
      NamespacePrefix: "et4ae5",
      Status: "Active",
      AllowedLicenses: -1,
      UsedLicenses: 0,
    });
  }
  const fromPackage = [
    "Marketing Cloud Connector",
    "Marketing Cloud Connector Admin",
    "Marketing Cloud System User",
  ];
  const labels = [
    ...(setup.permissionSetExists ? [connectedAppSet] : []),
    ...(setup.packageInstalled ? fromPackage : []),
    ...new Set(org.users.flatMap((user) => user.permissionSets)),
  ];
  const sets = new Map(
    labels.map((label, at) => [
      label,
      add("PermissionSet", {
        Id: makeId("0PS", org.pod, at + 1),
        Name: label.replaceAll(/\W+/g, "_"),
        Label: label,
        NamespacePrefix: fromPackage.includes(label) ? "et4ae5" : null,
        IsOwnedByProfile: false,
        PermissionSetGroupId: null,
        Description: null,
      }),
    ]),
  );
  let serial = 0;
  const assign = (label: string, user: SalesforceUser | undefined) => {
    const set = sets.get(label);
    if (!set || !user) return;
    add("PermissionSetAssignment", {
      Id: makeId("0Pa", org.pod, ++serial),
      AssigneeId: user.id,
      PermissionSetId: set.Id as string,
    });
  };
  for (const user of org.users) for (const label of user.permissionSets) assign(label, user);
  for (const username of setup.assignedTo) {
    const user = org.users.find((candidate) => candidate.username === username);
    assign(connectedAppSet, user);
    if (setup.packageInstalled) assign("Marketing Cloud Connector Admin", user);
  }
  const linked = sets.get(connectedAppSet);
  if (setup.appLinkedToPermissionSet && linked) {
    add("SetupEntityAccess", {
      Id: makeId("0J0", org.pod, 1),
      ParentId: linked.Id as string,
      SetupEntityId: app.Id as string,
      SetupEntityType: "ConnectedApplication",
    });
  }
}
