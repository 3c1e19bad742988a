import type { Remedy } from "#lib/core/errors.ts";

type Told = { code?: unknown; userMessage?: unknown; remedy?: Remedy };

export const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as Told;
  return typeof code === "string" ? code : "server_error";
};
export const wordsOf = (error: unknown): string => {
  const { userMessage } = (error ?? {}) as Told;
  return typeof userMessage === "string" ? userMessage : "Something went wrong here.";
};
/** Null where trying again is no use. */
export const retryAfterOf = (error: unknown): number | null => {
  const { remedy } = (error ?? {}) as Told;
  return remedy?.do === "retry" ? remedy.afterSeconds : null;
};
