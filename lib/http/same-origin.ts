import { RequestRefusedError } from "#lib/http/problem.ts";

/**
 * Refuses a change that does not come from our own pages: the `Origin` must be ours, letter by letter;
 * absent and `null` are not (WEB-5). Host and forwarded headers have no say.
 *
 * @param studioUrl - the configured origin
 * @throws {RequestRefusedError} 403 `http.foreign_origin`
 */
export function requireSameOrigin(headers: Headers, studioUrl: string): void {
  const site = headers.get("sec-fetch-site");
  if (headers.get("origin") === studioUrl && (site === null || site === "same-origin")) return;
  throw new RequestRefusedError(
    403,
    "http.foreign_origin",
    `Changes are taken only from the studio's own pages at ${studioUrl}.`,
  );
}

/**
 * Refuses what another site's page asks for with this browser's cookie, for answers that cost something to
 * hold open. A browser that does not say where it asks from, and what is no browser, may.
 *
 * @throws {RequestRefusedError} 403 `http.foreign_origin`
 */
export function requireOwnPage(headers: Headers): void {
  const site = headers.get("sec-fetch-site");
  if (site === null || site === "same-origin" || site === "none") return;
  throw new RequestRefusedError(
    403,
    "http.foreign_origin",
    "This is only for the studio's own pages.",
  );
}
