import { createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll } from "vitest";
import { createAgentApi } from "#lib/agent-api/app.ts";
import type { StudioDeps } from "#lib/deps.ts";

export type AgentApiAnswer = {
  status: number;
  headers: IncomingHttpHeaders;
  /** Parsed where it is JSON. */
  body: Record<string, unknown>;
  text: string;
};

type Call = {
  method?: string;
  credential?: string | undefined;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  body?: string | Buffer;
};

/** The agents' surface of a test's studio, listening; gives what calls it over HTTP. */
export async function listenForAgents(
  deps: StudioDeps,
): Promise<{ origin: string; call(path: string, options?: Call): Promise<AgentApiAnswer> }> {
  const server = createServer(createAgentApi(deps));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    call: (path, { method = "GET", credential, headers = {}, json, body } = {}) =>
      new Promise((resolve, reject) => {
        const sent = request({
          host: "127.0.0.1",
          port,
          path,
          method,
          agent: false,
          headers: {
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
                body: /json/.test(answer.headers["content-type"] ?? "") ? JSON.parse(got) : {},
                text: got,
              }),
            reject,
          );
        });
        sent.end(json === undefined ? body : JSON.stringify(json));
      }),
  };
}
