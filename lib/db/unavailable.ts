import { type Remedy, StudioError } from "#lib/core/errors.ts";

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

/** Of Node's sockets, PostgreSQL (class 08, 53, 57P0x) and Prisma: no connection, none in time, or ended. */
const codes =
  /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08\d{3}|53\d{3}|57P0[1-5]|P1001|P1002|P1008|P1017|P2024|P2028)$/;
/** The plain client says these without a code. */
const messages =
  /timeout exceeded when trying to connect|connection terminated|query read timeout|the database does not/i;

/** Did this fail because the database is away, rather than for what was asked of it? */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; depth += 1) {
    const { code, meta, syscall } = at as {
      code?: unknown;
      meta?: { code?: unknown };
      syscall?: unknown;
    };
    // The socket's file is not there: no other file's absence counts.
    if (code === "ENOENT" && syscall === "connect") return true;
    if (codes.test(String(code ?? "")) || codes.test(String(meta?.code ?? ""))) return true;
    if (messages.test(at.message)) return true;
    at = at.cause;
  }
  return false;
}
