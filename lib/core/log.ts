import pino from "pino";
import { Secret } from "#lib/core/secret.ts";

/** Everything a log line may carry beside its event; any other field is dropped (LOG-1). */
const fieldNames = [
  "requestId",
  "method",
  "route",
  "status",
  "code",
  "reason",
  "durationMs",
  "count",
  "userId",
  "teamId",
  "sessionId",
  "connectionId",
  "grantId",
  "flowId",
  "keyId",
  "agentId",
  "leaseId",
  "planId",
  "step",
  "class",
  "provider",
  "providerRequestId",
  "host",
  "network",
  "port",
  "address",
  "setting",
  "version",
  "audit",
  "error",
] as const;
type FieldName = (typeof fieldNames)[number];
export type LogFields = { readonly [name in FieldName]?: unknown };

export type Logger = {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
};

const levels = ["debug", "info", "warn", "error"] as const;
const logLevels = [...levels, "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

const MAX_TEXT_LENGTH = 500;
const MAX_STACK_LINES = 12;
const MAX_CAUSES = 4;

const tokenShapes: readonly RegExp[] = [
  /\beyJ[\w-]+\.[\w.-]+/g, // JWT and JWE
  /\b00D\w{12,15}![\w.]+/g, // Salesforce access token
  /\b5Aep\w{6,}[\w.]*/g, // Salesforce refresh token
  /mm[kl]_[\w.-]{8,}/g, // agent key and lease token, whole or in part
  /\$argon2\w*\$[^\s"]+/g,
  /\b(?:bearer|basic)\s+[\w.~+/=!-]{8,}/gi,
  /\b(?:access_token|refresh_token|id_token|client_secret|code_verifier|code|state|password|token|secret|assertion)["']?\s*[=:]\s*["']?[^\s"'&,}]+/gi,
  /\b(?:[0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}\b/g, // set-up code
];
const longRandom = /(?<![\w/+-])[\w/+-]{40,}={0,2}/g;
const allShapes = [...tokenShapes, longRandom];
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Most of what is logged are ids and short words of ours: nothing in them can be a token. */
const plain = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z ']{1,30})$/;

/**
 * Text that may stand in a log: token shapes replaced by `[redacted]`, control characters and
 * direction marks spelled out, at most 500 characters (LOG-1, LOG-2).
 */
export function loggableText(text: string): string {
  return plain.test(text) ? text : withoutTokens(text, allShapes);
}

function withoutTokens(text: string, shapes: readonly RegExp[]): string {
  let clean = text.slice(0, MAX_TEXT_LENGTH * 8);
  for (const shape of shapes) clean = clean.replace(shape, "[redacted]");
  clean = clean.replace(
    unprintable,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return clean.length > MAX_TEXT_LENGTH ? `${clean.slice(0, MAX_TEXT_LENGTH)}…` : clean;
}

function loggableError(error: Error, depth = 0): Record<string, unknown> {
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return {
    name: loggableText(error.name),
    message: loggableText(error.message),
    ...(code === undefined ? {} : { code: loggableText(code) }),
    ...(depth === 0 ? { stack: stackFrames(error) } : {}),
    ...(error.cause instanceof Error && depth < MAX_CAUSES
      ? { cause: loggableError(error.cause, depth + 1) }
      : {}),
  };
}

// Frames only: the stack's first lines repeat the message. Their long words are paths.
function stackFrames(error: Error): string[] {
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, MAX_STACK_LINES)
    .map((line) => withoutTokens(line.trim(), tokenShapes));
}

function loggableValue(value: unknown): unknown {
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "string") return loggableText(value);
  if (typeof value === "bigint") return value.toString();
  if (Secret.is(value)) return "[secret]";
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return loggableError(value);
  return "[not logged]";
}

/** The fields that may be written, cleaned. Whole objects, bodies above all, never pass. */
function loggableFields(fields: LogFields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of fieldNames) {
    if (fields[name] !== undefined) kept[name] = loggableValue(fields[name]);
  }
  return kept;
}

/**
 * A structured log: one JSON object a line, on standard output unless told otherwise.
 *
 * @param destination - something with `write(line)`, for tests
 */
export function createLogger(options: {
  level: LogLevel;
  destination?: { write(line: string): void };
}): Logger {
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: "event",
    formatters: { level: (label) => ({ level: label }) },
  };
  // A line for each call of an agent: written while others work, and whatever is left at the exit.
  const sink = pino(settings, options.destination ?? pino.destination({ dest: 1, sync: false }));
  const at =
    (level: (typeof levels)[number]) =>
    (event: string, fields: LogFields = {}) => {
      // What is not written is not cleaned either: some lines are for each call of an agent.
      if (sink.isLevelEnabled(level)) sink[level](loggableFields(fields), loggableText(event));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
