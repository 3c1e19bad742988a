import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll } from "vitest";
import type { StudioDeps } from "#lib/deps.ts";
import { createMcp } from "#lib/mcp/app.ts";

export type McpAnswer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Parsed where it is JSON. */
  body: { error?: { code: number; message: string; data?: unknown }; result?: unknown };
};

export type RawCall = {
  method?: string;
  path?: string;
  credential?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  body?: string | Buffer;
};

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
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const clients: Client[] = [];
  afterAll(async () => {
    stopping.abort();
    await Promise.all(clients.map((client) => client.close().catch(() => {})));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = new URL(`http://127.0.0.1:${port}/api/mcp`);

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
    raw: ({
      method = "POST",
      path = "/api/mcp",
      credential,
      headers = {},
      json,
      body,
    }: RawCall): Promise<McpAnswer> =>
      new Promise((resolve, reject) => {
        const sent = request({
          host: "127.0.0.1",
          port,
          path,
          method,
          agent: false,
          headers: {
            accept: "application/json, text/event-stream",
            ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
            ...(json === undefined ? {} : { "content-type": "application/json" }),
            ...headers,
          },
        });
        sent.once("error", reject);
        sent.once("response", (answer) => {
          text(answer).then(
            (got) =>
              resolve({
                status: answer.statusCode ?? 0,
                headers: answer.headers,
                text: got,
                body:
                  /json/.test(answer.headers["content-type"] ?? "") && got ? JSON.parse(got) : {},
              }),
            reject,
          );
        });
        sent.end(json === undefined ? body : JSON.stringify(json));
      }),
  };
}
