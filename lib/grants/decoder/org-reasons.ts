import {
  again,
  comeBackLater,
  differently,
  installSteps,
  otherEnvironments,
  otherMethods,
  step,
} from "#lib/grants/decoder/steps.ts";
import type { ReasonTable } from "#lib/grants/decoder/words.ts";

/** Where the sign-in went: the org, its app, its host. */
export const orgReasons = {
  app_not_installed: (w) => ({
    title: "The MeshMesh app is not installed in this org",
    cause: `${w.label} knows you, but the org does not have the app that lets you connect. An admin of the org adds it once, for everyone.`,
    steps: [
      ...installSteps(w),
      { ...comeBackLater(w), text: "New installs can take 2 to 10 minutes to answer." },
    ],
    otherwise: {
      title: "No admin at hand?",
      text: "Another method needs no package. Was it installed in another environment? Choose that one.",
      actions: [...otherMethods(w, { without: "packaged-app" }), ...otherEnvironments(w)],
    },
  }),

  app_blocked: (w) => ({
    title: "The org blocks this app",
    cause:
      "Salesforce refused without naming a reason. Orgs block apps that are not installed in them, since September 2025 for most users; a missing scope, or a user made for integrations only, looks the same.",
    steps: [
      step(
        "Have the app installed in the org",
        "An admin installs it under Setup › Connected Apps OAuth Usage, or grants you “Approve Uninstalled Connected Apps”.",
        w.forAdmin(
          "Please install the app under Setup › Connected Apps OAuth Usage, or give my user “Approve Uninstalled Connected Apps”.",
        ),
      ),
      step("Then connect again", "It works from then on for everyone who may use the app.", again),
    ],
    otherwise: {
      title: "Rather use an app the org trusts?",
      text: "An app that lives in the org, or the installed MeshMesh app, is not blocked.",
      actions: otherMethods(w, { without: "quick" }),
    },
  }),

  wrong_environment: (w) => ({
    title: "You signed in at another kind of org",
    cause: `The code came from one host and ${w.host ?? "the chosen one"} cannot redeem it. Production, sandboxes and My Domains each have their own host.`,
    steps: [
      step(
        "Choose the environment the org is in",
        "A sandbox signs in at test.salesforce.com or its own My Domain, production at login.salesforce.com.",
        ...otherEnvironments(w),
      ),
      ...(w.method === "packaged-app"
        ? [
            step(
              "Or install the app in this one",
              "The package has to be in the same org you connect.",
              ...(w.installUrl
                ? [{ do: "visit", label: "Open install page", href: w.installUrl } as const]
                : []),
            ),
          ]
        : []),
      step(
        "Was the environment right?",
        "A signed-in browser may have answered for another org. Sign out there first.",
        again,
      ),
    ],
  }),

  cross_org: (w) => ({
    title: "The app lives in another org",
    cause:
      "This app works only in the org that holds it, and you signed in to a different one; or a browser session of another org answered.",
    steps: [
      step("Sign out of other orgs, then try again", "A private window does it too.", again),
      ...(w.method === "packaged-app"
        ? installSteps(w)
        : [
            step(
              "Use an app that may travel",
              "Make the app in this org, or connect with a packaged app that can be installed in any.",
              ...otherMethods(w),
            ),
          ]),
    ],
  }),

  org_inactive: (w) => ({
    title: "The org is locked, closed or suspended",
    cause: `${w.label} lets nobody into it at the moment, whatever app is used.`,
    steps: [
      step(
        "Ask the org's admin or account executive",
        "Only they can have it opened again. Developer orgs and sandboxes can be made afresh.",
        w.forAdmin("Salesforce reports that the org is locked, closed or suspended."),
        differently(w, "Connect another org"),
      ),
    ],
  }),

  tenant_not_found: (w) => ({
    title: w.isMarketingCloud
      ? "There is no tenant under this subdomain"
      : "There is no org under this host",
    cause: `${w.host ?? "The host"} does not exist in DNS. A character may be missing.`,
    steps: [
      step(
        w.isMarketingCloud ? "Copy the base URI once more" : "Copy My Domain once more",
        w.isMarketingCloud
          ? "It stands in the package's API Integration, and begins with mc."
          : "Setup › My Domain shows it. A refreshed or renamed sandbox has a new one.",
        differently(w, "Correct the address"),
      ),
    ],
  }),
} satisfies ReasonTable;
