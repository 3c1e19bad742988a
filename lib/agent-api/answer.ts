import type { ServerResponse } from "node:http";
import { isStudioError } from "#lib/core/errors.ts";
import { REQUEST_ID_HEADER } from "#lib/http/client-address.ts";
import { problemHeaders, toProblemJson } from "#lib/http/problem.ts";
import { dataPolicy, securityHeaders } from "#lib/http/security-headers.ts";

/** What a route of the agents' surface answers with. */
export type Answer =
  | { readonly status: 200 | 201 | 202; readonly json: unknown }
  | { readonly status: 204 };

/** Writes answers straight to Node's response: a `Response` object costs more than all the rest of it. */
export type Answers = {
  /** Headers that every answer of the studio's own carries (WEB-7), never cached (TEN-8). */
  readonly headers: Readonly<Record<string, string>>;
  send(res: ServerResponse, requestId: string, answer: Answer): void;
  /** Any failure as a problem (RFC 9457); a response that has begun is cut off instead. */
  refuse(res: ServerResponse, requestId: string, error: unknown): void;
};

export function createAnswers(studioUrl: string): Answers {
  const headers = {
    ...securityHeaders(studioUrl),
    "content-security-policy": dataPolicy,
    "cache-control": "no-store",
  };
  function write(
    res: ServerResponse,
    requestId: string,
    status: number,
    text: string,
    more: Readonly<Record<string, string>>,
  ): void {
    res.writeHead(status, {
      ...headers,
      [REQUEST_ID_HEADER]: requestId,
      "content-length": Buffer.byteLength(text),
      ...more,
    });
    res.end(text);
  }
  const json = { "content-type": "application/json" };
  return {
    headers,
    send(res, requestId, answer) {
      if (answer.status === 204) {
        res.writeHead(204, { ...headers, [REQUEST_ID_HEADER]: requestId });
        res.end();
      } else write(res, requestId, answer.status, JSON.stringify(answer.json), json);
    },
    refuse(res, requestId, error) {
      if (res.headersSent) {
        res.destroy();
        return;
      }
      const problem = toProblemJson(error, requestId);
      write(res, requestId, problem.status, JSON.stringify(problem), {
        ...problemHeaders(problem),
        ...challenge(error),
        // What is left of a refused body is not read.
        ...(res.req.complete ? {} : { connection: "close" }),
      });
    },
  };
}

// RFC 6750 §3: the error is named only where a credential was given.
function challenge(error: unknown): Record<string, string> {
  if (!isStudioError(error) || error.status !== 401) return {};
  const isInvalid = "hadCredential" in error && error.hadCredential === true;
  return { "www-authenticate": isInvalid ? 'Bearer error="invalid_token"' : "Bearer" };
}
