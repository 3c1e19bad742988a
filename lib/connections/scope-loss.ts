import type { ProviderName } from "#lib/providers/vocabulary.ts";

const salesforceLosses: Readonly<Record<string, string>> = {
  api: "No call to the org's data works",
  refresh_token: "It ends when the session does",
  offline_access: "It ends when the session does",
  web: "Browser pages stay closed",
  openid: "The sign-in cannot be proven twice",
  full: "Only the scopes named apart work",
  chatter_api: "Chatter stays closed",
  custom_permissions: "Custom permissions cannot be read",
  cdp_query_api: "Data Cloud cannot be queried",
  cdp_ingest_api: "Data Cloud takes no data",
};

const areas: Readonly<Record<string, string>> = {
  accounts: "business units",
  audiences: "contacts",
  automations: "automations",
  data_extensions: "data extensions",
  documents_and_images: "files",
  email: "email",
  journeys: "journeys",
  list_and_subscribers: "lists and subscribers",
  saved_content: "saved content",
  tracking_events: "opens, clicks and bounces",
};

const verbs: Readonly<Record<string, string>> = {
  read: "read",
  write: "change",
  execute: "run",
  send: "send",
  publish: "publish",
};

/** What does not work without this scope: "Nobody can change journeys". */
export function lossWithout(provider: ProviderName, scope: string): string {
  if (provider === "salesforce") return salesforceLosses[scope] ?? "What needs it will be refused";
  if (scope === "offline") return "It ends within twenty minutes";
  const split = scope.lastIndexOf("_");
  const verb = verbs[scope.slice(split + 1)];
  const area = scope.slice(0, split);
  if (verb === undefined) return "What needs it will be refused";
  return `Agents cannot ${verb} ${areas[area] ?? area.replaceAll("_", " ")}`;
}
