import { type Remedy, StudioError } from "#lib/core/errors.ts";
import { failureNamesOf } from "#lib/db/failure-names.ts";

/** The studio's own database does not answer; whether a change under way was stored is not known. */
export class DatabaseUnavailableError extends StudioError {
  readonly code = "studio.database_unavailable";
  readonly status = 503;
  readonly userMessage = "The studio cannot reach its database right now. Try again in a moment.";
  readonly remedy: Remedy = { do: "retry", afterSeconds: 2 };
  constructor(cause: unknown) {
    super("the database does not answer", { cause });
  }
}

/** Of Node's sockets, PostgreSQL (class 08, 53, 57P0x), Prisma and its driver: no connection, or it ended. */
const names =
  /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08\d{3}|53\d{3}|57P0[1-5]|P1001|P1002|P1008|P1017|P2024|P2028|DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections)$/;
/** The plain client says these without a code. */
const messages =
  /timeout exceeded when trying to connect|connection terminated|is not queryable|timeout expired|query read timeout|the database does not/i;
const deepest = 5;

/** Did this fail because the database is away, rather than for what was asked of it? */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (failureNamesOf(error).some((name) => names.test(name))) return true;
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < deepest; depth += 1) {
    const { code, syscall } = at as { code?: unknown; syscall?: unknown };
    // The socket's file is not there: no other file's absence counts.
    if (code === "ENOENT" && syscall === "connect") return true;
    if (messages.test(at.message)) return true;
    at = at.cause;
  }
  return false;
}
