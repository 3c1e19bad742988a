import { type Readable, Transform } from "node:stream";
import { createMarkCount, type MarkCount } from "#lib/broker/mark-count.ts";
import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";
import { readAhead } from "#lib/broker/read-ahead.ts";
import { createSecretSearch, holdsSecret, needleOf } from "#lib/broker/secret-search.ts";
import { maxHeldBytes, type SentAnswer } from "#lib/broker/send-with-token.ts";
import type { Connection } from "#lib/connections/connection.ts";
import { explain, noFacts } from "#lib/grants/decoder.ts";
import { proxiedResponseHeaders } from "#lib/policy/proxied-headers.ts";
import type { ProxyDialect, ProxyDoor } from "#lib/providers/proxy-dialect.ts";
import { guidePath } from "#lib/providers/reason-codes.ts";

/** What goes back to the agent: the provider's status and body, and the headers that pass. */
export type ProxyAnswer = {
  status: number;
  headers: Record<string, string>;
  body: Buffer | Readable;
};

export type AnswerContext = {
  dialect: ProxyDialect;
  door: ProxyDoor;
  path: string;
  method: string;
  connection: Pick<Connection, "id" | "provider">;
  /** Address of ours that stands for the host's root. */
  mountedAt: string;
  /** Called when a body is stopped, once. */
  stopped(): void;
  /** Called with the bytes and rows that went through, once: all of them, or as far as it came. */
  passed(bytes: number, rows: number): void;
};

/**
 * The answer as it reaches the agent (BRK-6): headers by the allow-list and without the token, a refusal explained in headers of
 * ours and not touched, and a body that holds the token we sent stopped: before a byte of it where it is
 * short, by cutting it off where it is streamed.
 *
 * @throws {ProxyRefusedError} the body was stopped
 */
export async function answerOf(
  deps: { studioUrl: string },
  sent: SentAnswer,
  context: AnswerContext,
): Promise<ProxyAnswer> {
  const headers = proxiedResponseHeaders({
    headers: sent.headers,
    host: sent.host,
    mountedAt: context.mountedAt.slice(deps.studioUrl.length),
  });
  const needles = sent.tokens.map(needleOf);
  for (const [name, value] of Object.entries(headers)) {
    if (holdsSecret(value, needles)) delete headers[name];
  }
  const body = await searched(sent, context, needles);
  if (sent.status >= 400) {
    const text = Buffer.isBuffer(body) ? body.toString("utf8") : "";
    Object.assign(headers, hints(deps, context, sent.status, text));
  }
  if (Buffer.isBuffer(body) && context.method !== "HEAD") {
    headers["content-length"] = String(body.byteLength);
  }
  return { status: sent.status, headers, body };
}

async function searched(
  sent: SentAnswer,
  context: AnswerContext,
  needles: readonly Buffer[],
): Promise<Buffer | Readable> {
  const { status } = sent;
  const hasNone = context.method === "HEAD" || status === 204 || status === 304;
  const isLinked = context.dialect.hasLinks(context.path);
  let { body } = sent;
  if (!Buffer.isBuffer(body) && (hasNone || isLinked)) {
    const read = await readAhead(body, maxHeldBytes);
    if (read.isWhole) body = read.bytes;
  }
  if (!Buffer.isBuffer(body)) return guarded(body, sent, context, needles);
  if (holdsSecret(body, needles)) {
    context.stopped();
    throw new ProxyRefusedError("broker.answer_stopped");
  }
  const rows = rowCount(sent, context);
  rows?.next(body);
  context.passed(body.byteLength, rows?.count ?? 0);
  return isLinked && status === 200 ? context.dialect.withOwnLinks(body, context.mountedAt) : body;
}

/** Null where rows do not show themselves: then bytes are all that counts. */
function rowCount(
  { status }: SentAnswer,
  { dialect, door, path }: AnswerContext,
): MarkCount | null {
  const mark = status === 200 ? dialect.rowMark({ door, path }) : null;
  return mark === null ? null : createMarkCount(mark);
}

function guarded(
  body: Readable,
  sent: SentAnswer,
  context: AnswerContext,
  needles: readonly Buffer[],
): Readable {
  const search = createSecretSearch(needles);
  const rows = rowCount(sent, context);
  let bytes = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      rows?.next(chunk);
      const passed = search.next(chunk);
      if (passed !== null) {
        done(null, passed);
        return;
      }
      context.stopped();
      done(new ProxyRefusedError("broker.answer_stopped"));
    },
    flush(done) {
      done(null, search.rest());
    },
    destroy(error, done) {
      body.destroy();
      context.passed(bytes, rows?.count ?? 0);
      done(error);
    },
  });
  body.on("error", (error) => guard.destroy(error));
  guard.on("error", () => {}); // told to whoever reads it
  return body.pipe(guard);
}

const plain = (text: string) =>
  text
    .replaceAll("›", ">")
    .replaceAll(/[^\x20-\x7e]/g, "")
    .slice(0, 300);

/** What a refusal of the provider means, beside its own words. */
function hints(
  deps: { studioUrl: string },
  { dialect, door, path, connection }: AnswerContext,
  status: number,
  body: string,
): Record<string, string> {
  const reason = dialect.meaningOf({ door, path, status, body });
  const { title, cause } = explain(reason, { ...noFacts, provider: connection.provider });
  return {
    "x-studio-code": `provider.${reason}`,
    "x-studio-hint": plain(`${title}. ${cause}`),
    "x-studio-help": `${deps.studioUrl}${guidePath(reason)}`,
  };
}
