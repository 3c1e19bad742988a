import http from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export type Call = {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs?: number;
};

/** Status 0: no answer, or not all of it. */
export type Answer = { status: number; headers: http.IncomingHttpHeaders; body: string };

/** An address on this machine that is free just now. */
export async function freePort(): Promise<number> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const callLimitMs = 40_000;

/** One request to an instance; it never throws: that instances do not answer is what runs are about. */
export function call(port: number, request: Call): Promise<Answer> {
  const { method = "GET", path, headers = {}, body, timeoutMs = callLimitMs } = request;
  const nothing = { status: 0, headers: {}, body: "" };
  return new Promise((resolve) => {
    const sent = http.request(
      {
        host: "127.0.0.1",
        port,
        path,
        method,
        agent,
        headers: {
          ...headers,
          ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
        },
        signal: AbortSignal.timeout(timeoutMs),
      },
      (incoming) => {
        buffer(incoming).then(
          (bytes) =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: bytes.toString("utf8"),
            }),
          () => resolve(nothing),
        );
      },
    );
    sent.once("error", () => resolve(nothing));
    sent.end(body);
  });
}

export const cookiesOf = ({ headers }: Answer) =>
  (headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0]).join("; ");
