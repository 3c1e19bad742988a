import http from "node:http";
import net from "node:net";
import { studioUrl } from "./studio.ts";

const { port, host } = new URL(studioUrl);

export type RawAnswer = {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
  ms: number;
};

export type RawRequest = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
};

/** One request with exactly this path and these headers; redirects are not followed. */
export function raw(path: string, { method = "GET", headers = {}, body }: RawRequest = {}) {
  const began = performance.now();
  return new Promise<RawAnswer>((resolve, reject) => {
    const request = http.request(
      {
        host: "127.0.0.1",
        port,
        path,
        method,
        agent: false,
        headers: {
          host,
          ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        // A stream of events goes on until somebody leaves: its beginning is the answer.
        if (response.headers["content-type"]?.startsWith("text/event-stream")) {
          response.once("data", () => response.destroy());
          response.on("close", () => response.emit("end"));
        }
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
            ms: performance.now() - began,
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** Sends these bytes as they are. @returns the answer's status; 0 when the server hung up without one */
export function rawBytes(bytes: string | Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = net.connect(Number(port), "127.0.0.1", () => socket.write(bytes));
    socket.setTimeout(5_000, () => reject(socket.destroy(new Error("no answer in 5 s"))));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (answer.includes("\r\n")) socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve(statusOf(answer)) : reject(error),
    );
    socket.on("close", () => resolve(statusOf(answer)));
  });
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
