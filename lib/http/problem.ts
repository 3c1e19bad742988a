import { STATUS_CODES } from "node:http";
import { ZodError } from "zod";
import {
  type FieldIssue,
  type InvalidInputError,
  isStudioError,
  type Remedy,
  StudioError,
} from "#lib/core/errors.ts";
import { invalidInput } from "#lib/core/invalid-input.ts";
import { DatabaseUnavailableError, isDatabaseUnavailable } from "#lib/db/unavailable.ts";
import { REQUEST_ID_HEADER } from "#lib/http/client-address.ts";

/** The body of every error that our JSON interfaces answer with (RFC 9457). */
export type ProblemJson = {
  type: "about:blank";
  title: string;
  status: number;
  detail: string;
  /** `room.reason`, stable, for programs. */
  code: string;
  remedy: Remedy;
  requestId: string;
  issues?: FieldIssue[];
};

/** What was asked for is not what this address takes. */
export class RequestRefusedError extends StudioError {
  readonly code: string;
  readonly status: number;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "fix-input" };
  constructor(status: number, code: string, userMessage: string) {
    super(userMessage);
    this.status = status;
    this.code = code;
    this.userMessage = userMessage;
  }
}

/** Any failure as a problem. What we did not foresee says only `server_error` and the request's id. */
export function toProblemJson(error: unknown, requestId: string): ProblemJson {
  if (error instanceof ZodError) return toProblemJson(invalidInput(error), requestId);
  if (!isStudioError(error) && isDatabaseUnavailable(error)) {
    return toProblemJson(new DatabaseUnavailableError(error), requestId);
  }
  const known = isStudioError(error) ? error : null;
  const status = known?.status ?? 500;
  const issues = known && "issues" in known ? (known as InvalidInputError).issues : [];
  return {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail: known?.userMessage ?? "Something went wrong on our side. Nothing you did caused it.",
    code: known?.code ?? "server_error",
    remedy: known?.remedy ?? { do: "retry", afterSeconds: 5 },
    requestId,
    ...(issues.length > 0 ? { issues: [...issues] } : {}),
  };
}

/** `toProblemJson` as a response: never cached, with `Retry-After` where waiting helps. */
export function toProblem(error: unknown, requestId: string): Response {
  const problem = toProblemJson(error, requestId);
  const headers = {
    ...problemHeaders(problem),
    "cache-control": "no-store",
    [REQUEST_ID_HEADER]: requestId,
  };
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

/** What a problem's answer says of itself, with `Retry-After` where waiting helps. */
export const problemHeaders = ({ remedy }: ProblemJson): Record<string, string> => ({
  "content-type": "application/problem+json",
  ...(remedy.do === "retry" ? { "retry-after": String(remedy.afterSeconds) } : {}),
});
