import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import next from "next";
import pg from "pg";
import { AGENT_API_PREFIX, createAgentApi } from "#lib/agent-api/app.ts";
import { anchorEveryMs, anchorHeads } from "#lib/audit/anchor-heads.ts";
import { announceSetup } from "#lib/auth/set-up-code.ts";
import { eventsWritten } from "#lib/broker/write-events.ts";
import { consoleToLog } from "#lib/core/console-to-log.ts";
import { whenReachable } from "#lib/core/when-reachable.ts";
import { openDeps } from "#lib/deps.ts";
import { tellBareRefusals } from "#lib/http/bare-refusals.ts";
import { REQUEST_ID_HEADER, trustOnlyOurHeaders } from "#lib/http/client-address.ts";
import { countRequest, metricsSurface } from "#lib/http/metrics-surface.ts";
import { RequestRefusedError, toProblemJson } from "#lib/http/problem.ts";
import { screenRequest } from "#lib/http/screen-request.ts";
import { dataPolicy, securityHeaders } from "#lib/http/security-headers.ts";
import { createShutdown } from "#lib/http/shutdown.ts";
import { endWhenSilent } from "#lib/http/silent-answers.ts";
import { startJobs } from "#lib/jobs/start-jobs.ts";
import { createMcp, mcpAddressOf } from "#lib/mcp/app.ts";
import { offerGauges } from "#lib/operator/offer-gauges.ts";
import { ensureUnattendedOwner } from "#lib/team/first-owner.ts";

const MAX_HEADER_BYTES = 16_384;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 65_000;
const DATABASE_TIMEOUT_MS = 2_000;
/** A sign-in that is being exchanged and proven ends within this (OPS-1: all within 30 s). */
const CLOSE_GRACE_MS = 25_000;
const EXIT_MS = 29_500;

// Before anything listens: settings, keys and database are checked (VA-4).
const studio = await whenReachable(openDeps).catch(refuseToStart);
if (studio.settings.firstOwner) {
  const { firstOwner } = studio.settings;
  await whenReachable(() => ensureUnattendedOwner(studio, firstOwner)).catch(refuseToStart);
}
// From now on this instance hears what others end (BRK-11).
await whenReachable(() => studio.changes.current()).catch(refuseToStart);
const databaseUrl = studio.settings.databaseUrl?.reveal() ?? "";
const jobs = await whenReachable(() => startJobs(studio, databaseUrl)).catch(refuseToStart);
const env = studio.settings;
const isDevelopment = env.mode === "development";
const pool = new pg.Pool({
  connectionString: databaseUrl,
  max: 1,
  connectionTimeoutMillis: DATABASE_TIMEOUT_MS,
  query_timeout: DATABASE_TIMEOUT_MS,
});
pool.on("error", () => {}); // an idle connection that ends is replaced; readiness asks anew each time
const headersOfAll = Object.entries(securityHeaders(env.studioUrl));
/** Small surfaces that Next does not serve, by the beginning of their path. */
const surfaces: { prefix: string; handle: (req: IncomingMessage, res: ServerResponse) => void }[] =
  [
    { prefix: "/api/health/", handle: health },
    { prefix: "/api/metrics", handle: metricsSurface(studio.metrics, env.metricsToken) },
  ];
if (env.metricsToken) studio.metrics.includeProcess();
studio.metrics.gauge("studio_ready", () => (shutdown.isStopping ? 0 : 1));
offerGauges(studio);

const server = createServer({
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  requireHostHeader: true,
});
const shutdown = createShutdown({
  server,
  graceMs: CLOSE_GRACE_MS,
  endRefreshes: () => studio.refreshes.stop(),
  endJobs: async (graceMs) => {
    await Promise.all([jobs.stop(graceMs), studio.planExecutor.stop()]);
  },
  async flush() {
    await Promise.all([
      studio.leaseBook.idle(),
      eventsWritten(studio),
      studio.agentKeys.settled(),
      studio.usage.stop(),
      studio.agentActivity.flush(),
    ]);
    await anchor();
  },
  onTrouble: (step, error) => studio.log.error("the stop was cut short", { reason: step, error }),
});
const handleAgent = createAgentApi(studio, shutdown);
const handleMcp = createMcp(studio, shutdown);
const app = next({
  dev: isDevelopment,
  dir: import.meta.dirname,
  httpServer: server,
  port: env.port,
});
const handleByNext = app.getRequestHandler();

server.on("request", (req, res) => {
  countRequest(studio, req, res);
  // It is hot, streams, and screens what it is sent by rules of its own.
  if (req.url?.startsWith(AGENT_API_PREFIX)) return handleAgent(req, res);
  if (mcpAddressOf(req.url) !== null) return handleMcp(req, res);
  const requestId = randomUUID();
  res.setHeader(REQUEST_ID_HEADER, requestId);
  for (const [name, value] of headersOfAll) res.setHeader(name, value);
  const refusal = screenRequest(req);
  if (refusal) return refuse(res, refusal.status, refusal.title, requestId);
  trustOnlyOurHeaders(req.headers, {
    studioUrl: env.studioUrl,
    requestId,
    socketAddress: req.socket.remoteAddress,
  });
  const surface = surfaces.find(({ prefix }) => req.url?.startsWith(prefix));
  if (surface) return surface.handle(req, res);
  tellBareRefusals(req, res, requestId);
  endWhenSilent(res);
  handleByNext(req, res).catch((error: unknown) => {
    studio.log.error("request failed", { requestId, error });
    refuse(res, 500, "Something went wrong here", requestId);
  });
});
server.on("checkContinue", (req, res) => server.emit("request", req, res));
server.on("connect", (_req, socket: Duplex) => hangUp(socket, "405 Method Not Allowed"));
if (!isDevelopment) {
  server.on("upgrade", (_req, socket: Duplex) => hangUp(socket, "400 Bad Request"));
}
server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
  if (error.code === "HPE_HEADER_OVERFLOW") hangUp(socket, "431 Request Header Fields Too Large");
  else if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") hangUp(socket, "408 Request Timeout");
  else hangUp(socket, "400 Bad Request");
});
server.on("error", (error: NodeJS.ErrnoException) => {
  console.error(
    error.code === "EADDRINUSE"
      ? `Port ${env.port} is in use by another program: stop it, or set PORT to another one.`
      : `The studio cannot listen on port ${env.port}: ${error.message}`,
  );
  process.exit(1);
});

/** Up or down only (OPS-7). */
function health(req: IncomingMessage, res: ServerResponse): void {
  const path = req.url?.split("?", 1)[0];
  const answer = (status: number, text: string) => {
    res.writeHead(status, {
      "content-type": "application/json",
      "cache-control": "no-store",
      "content-security-policy": dataPolicy,
    });
    res.end(req.method === "HEAD" ? undefined : JSON.stringify({ status: text }));
  };
  if (req.method !== "GET" && req.method !== "HEAD") answer(405, "method not allowed");
  else if (path === "/api/health/live") answer(200, "up");
  else if (path !== "/api/health/ready") answer(404, "not found");
  else if (shutdown.isStopping) answer(503, "down");
  else {
    pool.query("select 1").then(
      () => answer(200, "up"),
      () => answer(503, "down"),
    );
  }
}

function refuse(res: ServerResponse, status: number, title: string, requestId: string): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  // The rest of a refused body is not read.
  res.writeHead(status, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "content-security-policy": dataPolicy,
    connection: "close",
  });
  const error =
    status === 500 ? null : new RequestRefusedError(status, "input.malformed_request", title);
  res.end(JSON.stringify(toProblemJson(error, requestId)));
}

function hangUp(socket: Duplex, status: string): void {
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  else socket.destroy();
}

function refuseToStart(error: Error): never {
  console.error(`The studio does not start: ${error.message}`);
  process.exit(1);
}

async function stop(): Promise<void> {
  if (shutdown.isStopping) return;
  setTimeout(() => process.exit(1), EXIT_MS).unref();
  // Pages that listen connect again, to whoever serves next.
  studio.live.stop();
  await shutdown.stop();
  await app.close();
  // Only now: until here others take this process for alive, and wait for what it began.
  await studio.instance.stop();
  await studio.tracer.stop();
  await Promise.all([studio.changes.stop(), studio.limits.stop()]);
  await studio.volatile.close();
  await Promise.all([pool.end(), studio.hotPool.end(), studio.db.$disconnect()]);
  process.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => void stop());

const anchor = () =>
  anchorHeads(studio).catch((error: unknown) => studio.log.error("anchoring failed", { error }));
setInterval(() => void anchor(), anchorEveryMs).unref();
void anchor();

// Plans whose process is gone are taken up within seconds.
studio.planExecutor.start();

// What an earlier process of this machine could not write any more.
studio.refreshes
  .recover()
  .catch((error: unknown) => studio.log.error("refreshes were not recovered", { error }));

await app.prepare().catch(refuseToStart);
const setUpCode = await whenReachable(() => announceSetup(studio)).catch(refuseToStart);
server.listen(env.port, () => {
  const lines = [`MeshMesh Studio is ready at ${env.studioUrl}`];
  if (setUpCode !== null) {
    lines.push(
      `Nobody has an account yet. Make the first one at ${env.studioUrl}/setup`,
      `with this one-time code: ${setUpCode.reveal()}`,
    );
  }
  console.log(lines.join("\n"));
  if (!isDevelopment) consoleToLog(studio.log);
});
