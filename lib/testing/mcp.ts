import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll } from "vitest";
import type { StudioDeps } from "#lib/deps.ts";
import { createMcp } from "#lib/mcp/app.ts";
import { callAt, type HttpAnswer, type HttpCall, listenWith } from "#lib/testing/http.ts";

export type McpAnswer = Omit<HttpAnswer, "body"> & {
  /** Parsed where it is JSON. */
  body: { error?: { code: number; message: string; data?: unknown }; result?: unknown };
};

export type RawCall = HttpCall & { path?: string };

const metaOfModern = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** A message of the 2026-07-28 revision with the headers that go with it. */
export function modernMessage(
  method: string,
  params: { name?: string; uri?: string } & Record<string, unknown> = {},
) {
  const name = params.name ?? params.uri;
  return {
    json: { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: metaOfModern } },
    headers: {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(name === undefined ? {} : { "mcp-name": name }),
    },
  };
}

/** Of the two generations of clients: that of 2026-07-28, and that of the 2025 revisions. */
export const clientEras = ["modern", "legacy"] as const;
export type ClientEra = (typeof clientEras)[number];

/** The entrance for MCP of a test's studio, listening, and the official client for it. */
export async function listenForMcp(deps: StudioDeps) {
  const stopping = new AbortController();
  const handle = createMcp(deps, { admit: () => {}, stopping: stopping.signal });
  const { port, origin } = await listenWith(handle);
  const clients: Client[] = [];
  afterAll(async () => {
    stopping.abort();
    await Promise.all(clients.map((client) => client.close().catch(() => {})));
  });
  const url = new URL(`${origin}/api/mcp`);

  return {
    url,
    port,
    /** As the studio does when it is told to end. */
    stop: () => stopping.abort(),
    /** The official client, connected with this key. */
    async connect(
      key: string,
      {
        era = "modern",
        options = {},
      }: { era?: ClientEra; options?: ConstructorParameters<typeof Client>[1] } = {},
    ): Promise<Client> {
      const client = new Client(
        { name: "test-client", version: "1.0.0" },
        {
          ...options,
          versionNegotiation: { mode: era === "modern" ? { pin: "2026-07-28" } : "legacy" },
        },
      );
      clients.push(client);
      await client.connect(
        new StreamableHTTPClientTransport(url, {
          requestInit: { headers: { authorization: `Bearer ${key}` } },
        }),
      );
      return client;
    },
    /** One request as it is, for what no client would send. */
    raw: ({ method = "POST", path = "/api/mcp", headers, ...call }: RawCall): Promise<McpAnswer> =>
      callAt(port, path, {
        ...{ method, ...call },
        headers: { accept: "application/json, text/event-stream", ...headers },
      }),
  };
}
