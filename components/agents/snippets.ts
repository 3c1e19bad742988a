import type { AgentConnectionJson } from "#lib/agents/schema.ts";

export type Snippet = {
  /** The tool, as its tab says. */
  tool: string;
  language: "shell" | "javascript" | "json" | "toml";
  /** What to know before; null where the code says it all. */
  about: string | null;
  code: string;
};

/** The environment variable that the snippets read the key from. */
export const KEY_VARIABLE = "MESHMESH_KEY";

export type SnippetFacts = Pick<AgentConnectionJson, "connectionId" | "provider"> & {
  studioUrl: string;
  agentId: string;
  /** Salesforce: the org's id of 18 characters, where it is known. */
  orgId: string | null;
  /** Marketing Cloud: the MID, where it is known. */
  accountId: number | null;
};

const quote = (text: string) => JSON.stringify(text);

/** Ready to paste, with the studio's real address: only the key is to be set. */
export function snippetsFor(facts: SnippetFacts): Snippet[] {
  const base = `${facts.studioUrl}/api/broker/proxy/${facts.connectionId}`;
  return facts.provider === "salesforce"
    ? salesforceSnippets(facts, `${base}/rest`)
    : marketingCloudSnippets(facts, base);
}

function salesforceSnippets({ orgId }: SnippetFacts, instanceUrl: string): Snippet[] {
  return [
    {
      tool: "curl",
      language: "shell",
      about: null,
      code: [
        `curl -H "Authorization: Bearer $${KEY_VARIABLE}" \\`,
        `  "${instanceUrl}/services/data/v64.0/query?q=SELECT+Id,Name+FROM+Account+LIMIT+5"`,
      ].join("\n"),
    },
    {
      tool: "jsforce",
      language: "javascript",
      about: null,
      code: [
        'import { Connection } from "jsforce";',
        "",
        "const org = new Connection({",
        `  instanceUrl: ${quote(instanceUrl)},`,
        `  accessToken: process.env.${KEY_VARIABLE},`,
        '  version: "64.0",',
        "});",
        'console.log(await org.query("SELECT Id, Name FROM Account LIMIT 5"));',
      ].join("\n"),
    },
    {
      tool: "Salesforce CLI",
      language: "shell",
      about:
        orgId === null
          ? "The CLI wants the org's id of 18 characters before the key: connect once, and it stands here."
          : "The CLI wants the org's id before the key, as a Salesforce token has it.",
      code: [
        `SF_ACCESS_TOKEN="${orgId ?? "ORG_ID"}!$${KEY_VARIABLE}" sf org login access-token \\`,
        `  --instance-url ${instanceUrl}/ --alias studio --no-prompt`,
        'sf data query --target-org studio --query "SELECT Id, Name FROM Account LIMIT 5"',
      ].join("\n"),
    },
  ];
}

function marketingCloudSnippets({ agentId, accountId }: SnippetFacts, base: string): Snippet[] {
  const mid = accountId === null ? "MID" : String(accountId);
  return [
    {
      tool: "curl",
      language: "shell",
      about: null,
      code: [
        `curl -H "Authorization: Bearer $${KEY_VARIABLE}" \\`,
        `  "${base}/rest/platform/v1/tokenContext"`,
      ].join("\n"),
    },
    {
      tool: "FuelSDK",
      language: "javascript",
      about: "Id and key of the agent stand where the package's own id and secret would.",
      code: [
        'const FuelSDK = require("sfmc-fuelsdk-node");',
        "",
        `const client = new FuelSDK(${quote(agentId)}, process.env.${KEY_VARIABLE}, null, {`,
        `  authOrigin: ${quote(`${base}/auth/`)},`,
        `  authOptions: { authVersion: 2, accountId: ${mid} },`,
        "});",
        'client.dataExtension({ props: ["Name", "CustomerKey"] })',
        "  .get((error, answer) => console.log(error ?? answer.body.Results));",
      ].join("\n"),
    },
    {
      tool: "sfmc-sdk",
      language: "javascript",
      about:
        "It checks that the address looks like the vendor's when it is made, so it is set after.",
      code: [
        'import SDK from "sfmc-sdk";',
        "",
        "const sfmc = new SDK({",
        `  client_id: ${quote(agentId)},`,
        `  client_secret: process.env.${KEY_VARIABLE},`,
        `  account_id: ${mid},`,
        '  auth_url: "https://mc00000000000000000000000000.auth.marketingcloudapis.com/",',
        "});",
        `sfmc.auth.authObject.auth_url = ${quote(`${base}/auth/`)};`,
        'console.log(await sfmc.rest.get("/platform/v1/tokenContext"));',
      ].join("\n"),
    },
    {
      tool: "Any other",
      language: "shell",
      about: "A tool that takes an address to sign in at, an id and a secret needs these three.",
      code: [
        `Authentication base URI   ${base}/auth/`,
        `Client ID                 ${agentId}`,
        `Client Secret             $${KEY_VARIABLE}`,
      ].join("\n"),
    },
  ];
}
