import type { ConnectionMethod } from "#lib/connections/schema.ts";

/** One thing somebody does in the provider's Setup. `shows` asks for the texts to copy there. */
export type ChecklistStep = {
  title: string;
  text: string;
  shows?: "redirect-uris" | "scopes" | "install-link";
};

export type SetupChecklist = {
  title: string;
  /** Where it begins. */
  path: string;
  steps: readonly ChecklistStep[];
};

const checklists: Readonly<Record<ConnectionMethod, SetupChecklist>> = {
  "public-app": {
    title: "For the Marketing Cloud admin",
    path: "Setup › Platform Tools › Apps › Installed Packages",
    steps: [
      { title: "New package", text: "Any name, for example MeshMesh Studio" },
      { title: "Add Component › API Integration", text: "One package holds one integration" },
      { title: "Public App", text: "It has no client secret. That is intended." },
      { title: "Redirect URIs", text: "One per line, no slash at the end", shows: "redirect-uris" },
      { title: "Tick the scopes", text: "The same as on the form", shows: "scopes" },
      { title: "Access tab", text: "License everyone who will connect" },
      {
        title: "Copy Client ID and base URIs back here",
        text: "Changes to a package can take 5 minutes to arrive",
      },
    ],
  },
  "custom-app": {
    title: "For the Salesforce admin",
    path: "Setup › External Client App Manager",
    steps: [
      {
        title: "New External Client App",
        text: "Distribution Local, when it is for this org alone",
      },
      { title: "Enable OAuth", text: "With the authorization code flow for web servers" },
      { title: "Callback URLs", text: "One per line, exactly like this", shows: "redirect-uris" },
      { title: "Add the scopes", text: "At least these", shows: "scopes" },
      {
        title: "Keep PKCE required",
        text: "The studio sends S256 with every sign-in; newer orgs insist on it",
      },
      {
        title: "Policies",
        text: "Who may use the app, and a refresh token that stays valid while it is used",
      },
      {
        title: "Copy Consumer Key and Secret back here",
        text: "A new app answers after 2 to 10 minutes",
      },
    ],
  },
  "packaged-app": {
    title: "For the Salesforce admin, once",
    path: "In the org that you connect",
    steps: [
      {
        title: "Install the package",
        text: "Sign in to the org first, else it lands in another one. Choose “Install for All Users”.",
        shows: "install-link",
      },
      {
        title: "Enable it",
        text: "Setup › External Client App Manager › MeshMesh Studio › Enable",
      },
      { title: "Everyone connects", text: "New installs can take 2 to 10 minutes to answer" },
    ],
  },
  quick: {
    title: "What it takes",
    path: "Nothing to set up in most orgs",
    steps: [
      { title: "A user with “API Enabled”", text: "Most profiles have it" },
      {
        title: "An org that knows the app",
        text: "Where uninstalled apps are blocked, an admin installs it under Setup › Connected Apps OAuth Usage after the first attempt",
      },
    ],
  },
};

export function checklistFor(method: ConnectionMethod): SetupChecklist {
  return checklists[method];
}

/** The whole checklist as text, to send to whoever does it. */
export function checklistAsText(
  checklist: SetupChecklist,
  facts: { redirectUris: readonly string[]; scopes: readonly string[]; installUrl: string | null },
): string {
  const detail = (step: ChecklistStep): readonly string[] => {
    if (step.shows === "redirect-uris") return facts.redirectUris;
    if (step.shows === "scopes") return [facts.scopes.join(" ")];
    if (step.shows === "install-link") return facts.installUrl ? [facts.installUrl] : [];
    return [];
  };
  return [
    checklist.path,
    ...checklist.steps.flatMap((step, index) => [
      `${index + 1}. ${step.title}. ${step.text}`,
      ...detail(step).map((line) => `   ${line}`),
    ]),
  ].join("\n");
}
