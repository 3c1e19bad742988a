import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo, Server } from "node:net";
import type { TestCertificates } from "#lib/simulator/kit/tls.ts";
import { serve, type WireDeps } from "#lib/simulator/kit/wire.ts";

export type Listening = { port: number; close(): Promise<void> };

// Real clients send long queries; beyond this Node answers 431, as the providers do.
const maxHeaderSize = 32 * 1024;

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function close(servers: readonly (http.Server | https.Server)[]): Promise<void> {
  await Promise.all(
    servers.map((server) => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    }),
  );
}

function refuse(outgoing: ServerResponse, status: number, message: string): void {
  outgoing.writeHead(status, { "content-type": "text/plain;charset=UTF-8" }).end(message);
}

/** Unexpected failures of one request end its connection and are said; they never end the process. */
const guarded =
  (work: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>): RequestListener =>
  (incoming, outgoing) => {
    work(incoming, outgoing).catch((error: unknown) => {
      if (!incoming.destroyed || incoming.complete) console.error("simulator:", error);
      outgoing.destroy();
    });
  };

const loopbackAddresses = ["127.0.0.1", "::1"] as const;

/**
 * Plain http on localhost; the first folder of a path is the true host:
 * `http://localhost:PORT/login.salesforce.com/services/oauth2/authorize`.
 *
 * @param port - 0 picks a free one
 * @param control - asked first; answers true when the request was its own
 */
export async function listenOnLoopback(
  deps: WireDeps,
  port: number,
  control?: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<boolean>,
): Promise<Listening> {
  let actual = port;
  const listener = guarded(async (incoming, outgoing) => {
    const authority = incoming.headers.host ?? "";
    if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(authority)) {
      return refuse(outgoing, 421, "This server answers on localhost only.");
    }
    if (control && (await control(incoming, outgoing))) return;
    // The Salesforce CLI joins instance URL and path without a slash: it counts on the one that a bare
    // host gets from `new URL`, which a folder does not.
    const match = /^\/([a-z0-9.-]+\.[a-z]+?)(?=services\/|[/?]|$)(.*)$/is.exec(incoming.url ?? "");
    if (!match) return refuse(outgoing, 404, "Not Found");
    const rest = match[2] as string;
    await serve(
      deps,
      {
        via: "loopback",
        host: (match[1] as string).toLowerCase(),
        path: rest.startsWith("/") ? rest : `/${rest}`,
        urlFor: (host) => `http://localhost:${actual}/${host}`,
      },
      incoming,
      outgoing,
    );
  });
  const servers: http.Server[] = [];
  for (const address of loopbackAddresses) {
    const server = http.createServer({ maxHeaderSize }, listener);
    try {
      actual = await listen(server, actual, address);
      servers.push(server);
    } catch (error) {
      // A machine without IPv6 is served on IPv4 alone.
      const code = (error as NodeJS.ErrnoException).code;
      if (address !== "::1" || (code !== "EADDRNOTAVAIL" && code !== "EAFNOSUPPORT")) {
        await close(servers);
        throw error;
      }
    }
  }
  return { port: actual, close: () => close(servers) };
}

/** TLS on loopback, reached under the true host names; who is meant stands in the Host header. */
export async function listenOnTls(
  deps: WireDeps,
  port: number,
  certificates: TestCertificates,
): Promise<Listening> {
  const server = https.createServer(
    { key: certificates.keyPem, cert: certificates.certPem, maxHeaderSize },
    guarded(async (incoming, outgoing) => {
      const host = (incoming.headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
      await serve(
        deps,
        { via: "tls", host, path: incoming.url ?? "/", urlFor: (name) => `https://${name}` },
        incoming,
        outgoing,
      );
    }),
  );
  const actual = await listen(server, port, "127.0.0.1");
  return { port: actual, close: () => close([server]) };
}
