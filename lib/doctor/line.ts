import type { Line, LineAction } from "#lib/doctor/schema.ts";

type More = { actions?: readonly LineAction[]; code?: string };

const line = (
  state: Line["state"],
  what: { id: string; title: string },
  found: string,
  advice: string | null,
  { actions = [], code }: More,
): Line => ({ ...what, state, found, advice, code: code ?? null, actions: [...actions] });

export type LineName = { id: string; title: string };

export const pass = (what: LineName, found: string, more: More = {}): Line =>
  line("pass", what, found, null, more);

/** Something is wrong, and this is what to do. */
export const fail = (what: LineName, found: string, advice: string, more: More = {}): Line =>
  line("fail", what, found, advice, more);

/** It cannot be said: why, and what would make it known. */
export const unknown = (what: LineName, why: string, advice: string, more: More = {}): Line =>
  line("unknown", what, why, advice, more);
