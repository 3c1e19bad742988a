/** One scope of a Salesforce app: its own name, the words of Setup, and what it is for. */
export type SalesforceScope = {
  scope: string;
  label: string;
  purpose: string;
};

/** Asked for by every connection: without these there is no API, or no tomorrow. */
export const requiredSalesforceScopes = ["api", "refresh_token", "offline_access"] as const;

/** Offered in the wizard; another scope of an app can be typed in. */
export const salesforceScopes: readonly SalesforceScope[] = [
  {
    scope: "api",
    label: "Use the APIs",
    purpose: "Query and change records as the person who signed in",
  },
  {
    scope: "refresh_token",
    label: "Stay connected",
    purpose: "Renews access without asking again",
  },
  {
    scope: "offline_access",
    label: "Stay connected, the standard name",
    purpose: "The same as refresh_token; some apps list only this one",
  },
  {
    scope: "web",
    label: "Open pages",
    purpose: "Lets “Open in Salesforce” skip the login page",
  },
  {
    scope: "openid",
    label: "Know who signed in",
    purpose: "A signed statement of who you are, beside the API's own",
  },
  {
    scope: "id",
    label: "Identity address",
    purpose: "Name, mail address and org of the person, from one place",
  },
  {
    scope: "profile",
    label: "Profile",
    purpose: "Display name and picture",
  },
  {
    scope: "email",
    label: "Mail address",
    purpose: "Shows the address beside the user name",
  },
  {
    scope: "chatter_api",
    label: "Chatter",
    purpose: "Read feeds and post to them",
  },
  {
    scope: "custom_permissions",
    label: "Custom permissions",
    purpose: "See which custom permissions the person has",
  },
  {
    scope: "wave_api",
    label: "CRM Analytics",
    purpose: "Query datasets and dashboards",
  },
  {
    scope: "pardot_api",
    label: "Account Engagement",
    purpose: "Prospects, lists and campaigns of Account Engagement",
  },
  {
    scope: "cdp_query_api",
    label: "Data Cloud queries",
    purpose: "Query Data Cloud with SQL",
  },
  {
    scope: "cdp_ingest_api",
    label: "Data Cloud ingestion",
    purpose: "Load rows into Data Cloud",
  },
  {
    scope: "cdp_profile_api",
    label: "Data Cloud profiles",
    purpose: "Look up unified profiles",
  },
];
