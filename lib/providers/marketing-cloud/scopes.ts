/** A family of Marketing Cloud scopes: one line in the wizard, one chip for each scope. */
export type MarketingCloudScopeGroup = {
  /** What the scopes begin with, in the provider's own words. */
  family: string;
  label: string;
  purpose: string;
  /** An optional one is offered and not preset: older packages do not have it and would be refused. */
  scopes: readonly { scope: string; chip: string; isOptional?: true }[];
};

/** Always asked for: without it tokens end when the person signs out over there. */
export const requiredMarketingCloudScopes = ["offline"] as const;

/**
 * What the studio works with. Provider strings: Setup writes them in words, and there is no
 * `contacts_*`, "Contacts" is `audiences_*`.
 */
export const marketingCloudScopeGroups: readonly MarketingCloudScopeGroup[] = [
  {
    family: "offline",
    label: "Stay connected",
    purpose: "Refreshes without asking you again",
    scopes: [{ scope: "offline", chip: "always" }],
  },
  {
    family: "data_extensions",
    label: "Data extensions",
    purpose: "Read schemas and rows, fill and change them",
    scopes: [
      { scope: "data_extensions_read", chip: "read" },
      { scope: "data_extensions_write", chip: "write" },
    ],
  },
  {
    family: "automations",
    label: "Automations",
    purpose: "See runs, change steps, start one",
    scopes: [
      { scope: "automations_read", chip: "read" },
      { scope: "automations_write", chip: "write" },
      { scope: "automations_execute", chip: "execute" },
    ],
  },
  {
    family: "journeys",
    label: "Journeys",
    purpose: "Inspect versions, publish, stop, fire entry events",
    scopes: [
      { scope: "journeys_read", chip: "read" },
      { scope: "journeys_write", chip: "write" },
      { scope: "journeys_execute", chip: "execute" },
      { scope: "journeys_delete", chip: "delete", isOptional: true },
    ],
  },
  {
    family: "email",
    label: "Email",
    purpose: "Read content, save drafts, send to one person or a list",
    scopes: [
      { scope: "email_read", chip: "read" },
      { scope: "email_write", chip: "write" },
      { scope: "email_send", chip: "send" },
    ],
  },
  {
    family: "audiences",
    label: "Contacts",
    purpose: "Look people up and update their attributes",
    scopes: [
      { scope: "audiences_read", chip: "read" },
      { scope: "audiences_write", chip: "write" },
    ],
  },
  {
    family: "list_and_subscribers",
    label: "Lists and subscribers",
    purpose: "Subscription status and list membership",
    scopes: [
      { scope: "list_and_subscribers_read", chip: "read" },
      {
        scope: "list_and_subscribers_write",
        chip: "write",
      },
    ],
  },
  {
    family: "tracking_events",
    label: "Tracking events",
    purpose: "Opens, clicks, bounces",
    scopes: [{ scope: "tracking_events_read", chip: "read" }],
  },
  {
    family: "saved_content",
    label: "Saved content",
    purpose: "Blocks and templates in Content Builder",
    scopes: [
      { scope: "saved_content_read", chip: "read" },
      { scope: "saved_content_write", chip: "write" },
    ],
  },
  {
    family: "documents_and_images",
    label: "Documents and images",
    purpose: "Content Builder itself: emails, and the files they point to",
    scopes: [
      { scope: "documents_and_images_read", chip: "read" },
      { scope: "documents_and_images_write", chip: "write" },
    ],
  },
  {
    family: "accounts",
    label: "Accounts",
    purpose: "Find the business units you can also connect",
    scopes: [{ scope: "accounts_read", chip: "read" }],
  },
];

/** Everything above. */
export const knownScopes: readonly string[] = marketingCloudScopeGroups.flatMap((group) =>
  group.scopes.map(({ scope }) => scope),
);

/** The preset of a new connection: what every package can have. */
export const presetScopes: readonly string[] = marketingCloudScopeGroups.flatMap((group) =>
  group.scopes.flatMap(({ scope, isOptional }) => (isOptional ? [] : [scope])),
);
