/** Where a person lands when nothing better is known. */
export const DEFAULT_RETURN_TO = "/integrations";

const MAX_LENGTH = 512;
const knownPath =
  /^\/(?:integrations|agents|plans|activity|team|settings|docs)(?:\/[A-Za-z0-9_-]{1,100}){0,4}(?:\?[A-Za-z0-9_.~%=&+,-]+)?(?:#[A-Za-z0-9_-]+)?$/;

/**
 * A path of this studio that somebody may be sent to after signing in or connecting (OA-10).
 * Anything else, of whatever type, becomes `/integrations`: nothing is repaired.
 */
export function parseReturnTo(input: unknown): string {
  if (typeof input !== "string" || input.length > MAX_LENGTH) return DEFAULT_RETURN_TO;
  return knownPath.test(input) ? input : DEFAULT_RETURN_TO;
}
