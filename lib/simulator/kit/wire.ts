import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import { type Fault, type FaultScope, type Faults, wireFaults } from "#lib/simulator/kit/faults.ts";
import type { LoggedRequest, RequestLog } from "#lib/simulator/kit/request-log.ts";
import { text } from "#lib/simulator/kit/responses.ts";
import type {
  ConnectionFault,
  Provider,
  SimulatorClock,
  SimulatorRequest,
  SimulatorResponse,
  UrlFor,
} from "#lib/simulator/kit/types.ts";

/**
 * Goes along with one request, for a test in this process: it may hold it, cut it or change its answer
 * at each stage, and is told how it ended.
 */
export type Companion = {
  /** Before any work; an answer given here goes out instead, and nothing is done. */
  beforeWork?(): Promise<SimulatorResponse | "cut" | undefined>;
  /** The work is done: what leaves, and over which connection. */
  afterWork?(answer: SimulatorResponse): Promise<SimulatorResponse>;
  /** @param isWhole - all of the answer went out to the caller */
  ended?(isWhole: boolean): void;
};

export type WireDeps = {
  providers: () => readonly Provider[];
  faults: Faults;
  log: RequestLog;
  clock: SimulatorClock;
  /** Called after each request that reached a provider: its state may have changed. */
  handled?: () => void;
  /** @param callerPort - the caller's end of the connection */
  accompany?: (request: LoggedRequest, callerPort: number | undefined) => Companion | undefined;
};

/** Where a request is meant to go: found by the listener, from the prefix or the Host header. */
export type Target = { via: LoggedRequest["via"]; host: string; path: string; urlFor: UrlFor };

const maxBodyBytes = 32 * 1024 * 1024;

async function readBody(incoming: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i] as string, incoming.rawHeaders[i + 1] as string);
  }
  return headers;
}

function cut({ socket }: ServerResponse): void {
  // TLS has no reset of its own in Node; its peer sees the connection end in the middle.
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}

async function send(
  outgoing: ServerResponse,
  answer: SimulatorResponse,
  connection: ConnectionFault,
  isHead: boolean,
): Promise<boolean> {
  if (connection.delayMs) await wait(connection.delayMs);
  if (connection.cut === "before-answer") {
    cut(outgoing);
    return false;
  }
  const body = Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(answer.body, "utf8");
  outgoing.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) outgoing.setHeader(name, value);
  const hasBody = !isHead && answer.status !== 204 && answer.status !== 304;
  if (answer.status !== 204) outgoing.setHeader("content-length", body.length);
  if (!hasBody) {
    outgoing.end();
    return true;
  }
  if (connection.cut === "mid-body") {
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => cut(outgoing));
    return false;
  }
  if (connection.drip) {
    const { bytes, everyMs } = connection.drip;
    for (let at = 0; at < body.length && !outgoing.destroyed; at += bytes) {
      outgoing.write(body.subarray(at, at + bytes));
      await wait(everyMs);
    }
    outgoing.end();
    return true;
  }
  outgoing.end(body);
  return true;
}

function changeAnswer(
  answer: SimulatorResponse,
  faults: Faults,
  subject: FaultScope,
): SimulatorResponse {
  const changed = { ...answer, headers: { ...answer.headers } };
  const type = String(answer.headers["content-type"] ?? "");
  const fields = type.includes("json") ? faults.take(wireFaults.fields, subject) : undefined;
  if (fields) {
    const value = JSON.parse(String(changed.body)) as Record<string, unknown>;
    for (const [name, replacement] of Object.entries(fields.fields)) {
      if (replacement === null) delete value[name];
      else value[name] = replacement;
    }
    changed.body = JSON.stringify(value);
  }
  const contentType = faults.take(wireFaults.contentType, subject);
  if (contentType) changed.headers["content-type"] = contentType.contentType;
  const oversize = faults.take(wireFaults.oversize, subject);
  if (oversize)
    changed.body = Buffer.concat([Buffer.from(changed.body), Buffer.alloc(oversize.bytes, " ")]);
  return changed;
}

/**
 * Carries one request to its provider and its answer back, with whatever goes wrong on the way.
 * Every request is in the log before any fault is looked at.
 */
export async function serve(
  deps: WireDeps,
  target: Target,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { faults } = deps;
  const body = await readBody(incoming);
  const logged: LoggedRequest = {
    atMs: deps.clock.nowMs(),
    via: target.via,
    method: incoming.method ?? "GET",
    host: target.host,
    path: target.path,
    rawHeaders: [...incoming.rawHeaders],
    body: body ?? Buffer.alloc(0),
    status: null,
  };
  deps.log.add(logged);
  const companion = deps.accompany?.(logged, incoming.socket.remotePort);
  outgoing.once("close", () => companion?.ended?.(outgoing.writableFinished));
  const finish = async (answer: SimulatorResponse, connection: ConnectionFault = {}) => {
    const isHead = incoming.method === "HEAD";
    if (!connection.cut) logged.status = answer.status;
    // The providers' own time, which tests move: clients hold theirs against it.
    const date = new Date(deps.clock.nowMs()).toUTCString();
    const dated = { ...answer, headers: { date, ...answer.headers } };
    await send(outgoing, dated, connection, isHead);
  };
  if (!body) return finish(text(413, "Request too large"));
  const provider = deps.providers().find((candidate) => candidate.owns(target.host));
  if (!provider) return finish(text(404, "Not Found"));

  const request: SimulatorRequest = {
    method: logged.method.toUpperCase(),
    host: target.host,
    path: target.path,
    headers: headersOf(incoming),
    body,
    urlFor: target.urlFor,
  };
  const before: FaultScope = { host: target.host, path: target.path, ...clientIdOf(request) };
  const heldBefore = onlyAt(faults, wireFaults.held, "before-work", before);
  if (heldBefore) await heldBefore.released;
  if (onlyAt(faults, wireFaults.cut, "before-work", before)) {
    cut(outgoing);
    return;
  }
  const instead = await companion?.beforeWork?.();
  if (instead === "cut") {
    cut(outgoing);
    return;
  }
  if (instead) return finish(instead);
  const forced = faults.take(wireFaults.answer, before);
  if (forced) {
    return finish({
      status: forced.status,
      headers: { "content-type": forced.contentType ?? "text/html", ...forced.headers },
      body: forced.body,
    });
  }

  let answer: SimulatorResponse;
  try {
    answer = await provider.handle(request);
  } catch (error) {
    console.error(`simulator: ${target.host}${target.path.split("?")[0]}`, error);
    return finish(text(500, "The simulator itself failed; its log says where."));
  }
  try {
    const [sent, fault] = await troubled(deps.faults, answer, { ...before, ...answer.subject });
    const left = (await companion?.afterWork?.(sent)) ?? sent;
    await finish(left, { ...fault, ...left.connection });
  } finally {
    answer.whenSent?.();
    deps.handled?.();
  }
}

/** The answer as it leaves, after the faults that come once the work is done. */
async function troubled(
  faults: Faults,
  given: SimulatorResponse,
  subject: FaultScope,
): Promise<[SimulatorResponse, ConnectionFault]> {
  const answer = changeAnswer(given, faults, subject);
  const held = onlyAt(faults, wireFaults.held, "after-work", subject);
  if (held) await held.released;
  const slow = faults.take(wireFaults.slow, subject);
  const drip = faults.take(wireFaults.drip, subject);
  const lost = onlyAt(faults, wireFaults.cut, "after-work", subject);
  const half = lost ? undefined : onlyAt(faults, wireFaults.cut, "mid-body", subject);
  const connection: ConnectionFault = {
    ...answer.connection,
    ...(slow ? { delayMs: slow.ms } : {}),
    ...(drip ? { drip } : {}),
    ...(lost ? { cut: "before-answer" } : {}),
    ...(half ? { cut: "mid-body" } : {}),
  };
  return [answer, connection];
}

/** Meets a staged fault only at its stage, so that one fault is not counted twice in a request. */
function onlyAt<Stage extends string>(
  faults: Faults,
  fault: Fault<{ stage: Stage }>,
  stage: Stage,
  subject: FaultScope,
) {
  return faults.meet(fault, subject, (value) => value.stage === stage);
}

/** The client id that a request names by itself, so that faults by app also work before the work. */
function clientIdOf(request: SimulatorRequest): { app?: string } {
  const query = new URLSearchParams(request.path.split("?")[1] ?? "").get("client_id");
  if (query) return { app: query };
  const type = request.headers.get("content-type") ?? "";
  const body = request.body.toString("utf8");
  if (/urlencoded/i.test(type)) {
    const id = new URLSearchParams(body).get("client_id");
    return id ? { app: id } : {};
  }
  const found = /json/i.test(type) ? /"client_id"\s*:\s*"([^"]{1,300})"/.exec(body) : null;
  return found ? { app: found[1] as string } : {};
}
