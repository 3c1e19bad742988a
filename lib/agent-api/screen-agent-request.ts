import type { IncomingMessage } from "node:http";
import { RequestRefusedError } from "#lib/http/problem.ts";

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);
/** A long query is asked in the address; the server takes 16 KB of request line and headers. */
const MAX_URL_CHARACTERS = 16_000;
const printable = /^\/[!-~]*$/;

/**
 * Judges what an agent sends before anybody looks at what it asks for (WEB-10, BRK-12). Unlike people's
 * pages it may stream a body of any length: whoever reads one has a limit.
 *
 * @throws {RequestRefusedError} nothing was read of it
 */
export function screenAgentRequest(request: IncomingMessage): void {
  const { method = "", url = "", rawHeaders } = request;
  if (!methods.has(method)) {
    throw new RequestRefusedError(
      405,
      "http.method_not_allowed",
      "This address has no such method.",
    );
  }
  if (url.length > MAX_URL_CHARACTERS) {
    throw new RequestRefusedError(414, "http.address_too_long", "This address is too long.");
  }
  if (!printable.test(url) || url.includes("#")) {
    throw new RequestRefusedError(400, "input.malformed_request", "This address is malformed.");
  }
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  if (hosts > 1) {
    throw new RequestRefusedError(400, "input.malformed_request", "The request names two hosts.");
  }
}
