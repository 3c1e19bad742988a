import { z } from "zod";
import { type DescribedRoute, routesOf, says, saysAs } from "#lib/openapi/route.ts";

const door = routesOf("Proxy and MCP", "agentKey");
const openDoor = routesOf("Proxy and MCP", "nobody");
const operator = routesOf("Operating", "nobody");

const proxy = "/api/broker/proxy/{connectionId}";
const proxied = {
  200: saysAs(
    "*/*",
    "The provider's own status and body. A refusal of the studio's has the provider's form of an error, x-studio-refused: 1 and x-studio-code",
  ),
};
const any = { bodyTypes: ["*/*"] };
const xml = { bodyTypes: ["text/xml"] };

/** The proxy: any path below; `{path}` may hold slashes. */
const proxyRoutes = [
  ...(["get", "post", "put", "patch", "delete"] as const).map((method) =>
    door(
      method,
      `${proxy}/rest/{path}`,
      "The provider's REST interface; the path may hold slashes",
      proxied,
      method === "get" ? {} : any,
    ),
  ),
  door("post", `${proxy}/soap/Service.asmx`, "Marketing Cloud by SOAP", proxied, xml),
  door(
    "post",
    `${proxy}/soap/services/Soap/{kind}/{version}`,
    "Salesforce by SOAP: kind u or c",
    proxied,
    xml,
  ),
];

const grantRequestSchema = z.object({
  grant_type: z.enum(["client_credentials", "authorization_code", "refresh_token"]),
  client_id: z.string().describe("The agent's id."),
  client_secret: z.string().optional().describe("The agent key."),
  code: z.string().optional().describe("The agent key, from a client without a secret."),
  refresh_token: z.string().optional().describe("The agent key."),
  account_id: z.union([z.string(), z.number()]).optional().describe("The connection's own MID."),
  scope: z.string().optional(),
});
const grantedSchema = z.object({
  access_token: z.string().describe("A lease's token: it opens this connection's proxy alone."),
  token_type: z.literal("Bearer"),
  expires_in: z.number().int(),
  scope: z.string(),
  rest_instance_url: z.string(),
  soap_instance_url: z.string(),
  refresh_token: z.string().optional(),
});

const resourceSchema = z.object({
  resource: z.string(),
  resource_name: z.string(),
  bearer_methods_supported: z.array(z.string()),
  resource_documentation: z.string(),
});
const metadata = "/.well-known/oauth-protected-resource";
const metadataAnswer = { 200: says("RFC 9728; it names no authorization server", resourceSchema) };

const upSchema = z.object({ status: z.enum(["up", "down"]) });

/** What neither people's pages nor the agents' surface proper serve. */
export const otherRoutes: readonly DescribedRoute[] = [
  ...proxyRoutes,
  openDoor(
    "post",
    `${proxy}/auth/v2/token`,
    "Marketing Cloud's token endpoint, for its tools: a lease",
    { 200: says("As the provider words it", grantedSchema) },
    { body: grantRequestSchema },
  ),
  door("get", `${proxy}/auth/v2/userinfo`, "Marketing Cloud's userinfo, for its tools", {
    200: saysAs("application/json", "The provider's, with the proxy's addresses"),
  }),
  door(
    "post",
    "/api/mcp",
    "MCP, Streamable HTTP: one JSON-RPC message",
    {
      200: saysAs("text/event-stream", "The answer, with progress before it where it is asked for"),
      202: says("A notification was taken"),
    },
    { body: z.looseObject({ jsonrpc: z.literal("2.0"), method: z.string() }) },
  ),
  openDoor("get", metadata, "Of which resource a token is for", metadataAnswer),
  openDoor("get", `${metadata}/api/mcp`, "The same, by the path of the resource", metadataAnswer),
  operator("get", "/api/health/live", "Does it run?", { 200: says("It runs", upSchema) }),
  operator("get", "/api/health/ready", "Does it take work?", {
    200: says("It takes work", upSchema),
    503: says("It stops, or the database does not answer", upSchema),
  }),
  {
    ...operator("get", "/api/metrics", "Prometheus text, where METRICS_TOKEN is set", {
      200: saysAs("text/plain", "Counters of this instance"),
    }),
    credential: "metricsToken",
  },
  operator("get", "/api/openapi.json", "This document", {
    200: saysAs("application/json", "OpenAPI 3.1"),
  }),
];
