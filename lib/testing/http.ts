import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  request,
  type Server,
} from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll } from "vitest";

/** Listens on this machine alone, until the file's tests are over. */
export async function listenWith(
  handle: RequestListener,
): Promise<{ server: Server; port: number; origin: string }> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { server, port, origin: `http://127.0.0.1:${port}` };
}

export type HttpCall = {
  method?: string;
  credential?: string | undefined;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  body?: string | Buffer;
};

export type HttpAnswer = {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Parsed where it is JSON. */
  body: Record<string, unknown>;
};

/** One request as it is, on a connection of its own: for what no client would send, too. */
export function callAt(
  port: number,
  path: string,
  { method = "GET", credential, headers = {}, json, body }: HttpCall = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({
      ...{ host: "127.0.0.1", port, path, method, agent: false },
      headers: {
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    });
    sent.once("error", reject);
    sent.once("response", (answer) => {
      text(answer).then((got) => {
        const isJson = /json/.test(answer.headers["content-type"] ?? "") && got !== "";
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text: got,
          body: isJson ? JSON.parse(got) : {},
        });
      }, reject);
    });
    sent.end(json === undefined ? body : JSON.stringify(json));
  });
}
