import type { IncomingMessage, ServerResponse } from "node:http";
import { RequestRefusedError, toProblemJson } from "#lib/http/problem.ts";

const METHOD_NOT_ALLOWED = 405;

/**
 * Next answers a method that a route below `/api` lacks with a bare 405; here it becomes a problem, as every
 * other refusal there is. What has a body of its own stays as it is.
 */
export function tellMethodRefusals(
  { url = "", method }: Pick<IncomingMessage, "url" | "method">,
  res: ServerResponse,
  requestId: string,
): void {
  if (!url.startsWith("/api/") || method === "HEAD") return;
  const end = res.end.bind(res);
  res.end = ((...given: unknown[]) => {
    const isBare = given.every((each) => typeof each === "function" || each === undefined);
    if (res.statusCode !== METHOD_NOT_ALLOWED || res.headersSent || !isBare) {
      return end(...(given as []));
    }
    const error = new RequestRefusedError(
      METHOD_NOT_ALLOWED,
      "http.method_not_allowed",
      "This address has no such method.",
    );
    const text = JSON.stringify(toProblemJson(error, requestId));
    res.setHeader("content-type", "application/problem+json");
    res.setHeader("content-length", Buffer.byteLength(text));
    return end(text);
  }) as typeof res.end;
}
