import type { IncomingMessage, ServerResponse } from "node:http";
import { NotFoundError, type StudioError } from "#lib/core/errors.ts";
import { RequestRefusedError, toProblemJson } from "#lib/http/problem.ts";

const notAllowed = new RequestRefusedError(
  405,
  "http.method_not_allowed",
  "This address has no such method.",
);
const notFound = new NotFoundError();
/** Of the body that Next would have sent. */
const bodyHeaders = ["content-encoding", "content-length", "etag", "link"];

/**
 * Next answers a method that a route below `/api` lacks with a bare 405, and an address that is none with
 * its page; here both become problems, as every other refusal there is. What our routes answer stays.
 */
export function tellBareRefusals(
  { url = "", method }: Pick<IncomingMessage, "url" | "method">,
  res: ServerResponse,
  requestId: string,
): void {
  if (!url.startsWith("/api/")) return;
  const writeHead = res.writeHead.bind(res) as (...given: unknown[]) => ServerResponse;
  const write = res.write.bind(res) as (...given: unknown[]) => boolean;
  const end = res.end.bind(res) as (...given: unknown[]) => ServerResponse;
  let refusal: StudioError | null = null;
  // Compression writes the head before it ends a response: here is the last moment to say what follows.
  res.writeHead = ((status: number, ...given: unknown[]) => {
    refusal = refusalOf(status, res.getHeader("content-type"));
    if (refusal === null) return writeHead(status, ...given);
    for (const name of bodyHeaders) res.removeHeader(name);
    res.setHeader("content-type", "application/problem+json");
    return writeHead(status);
  }) as typeof res.writeHead;
  const begin = () => {
    if (!res.headersSent && refusalOf(res.statusCode, res.getHeader("content-type"))) {
      res.writeHead(res.statusCode);
    }
  };
  res.write = ((...given: unknown[]) => {
    begin();
    return refusal === null ? write(...given) : true;
  }) as typeof res.write;
  res.end = ((...given: unknown[]) => {
    begin();
    if (refusal === null) return end(...given);
    return end(method === "HEAD" ? undefined : JSON.stringify(toProblemJson(refusal, requestId)));
  }) as typeof res.end;
}

function refusalOf(status: number, type: unknown): StudioError | null {
  if (status === 405 && type === undefined) return notAllowed;
  return status === 404 && String(type).startsWith("text/html") ? notFound : null;
}
