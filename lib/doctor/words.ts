import { fail, type LineName, unknown } from "#lib/doctor/line.ts";
import type { Line, LineAction } from "#lib/doctor/schema.ts";
import { type DecoderFacts, explain, type NextAction } from "#lib/grants/decoder.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import type { Environment } from "#lib/providers/vocabulary.ts";

/** As the wizard names them. */
export const environmentNames: Readonly<Record<Environment, string>> = {
  production: "Production",
  sandbox: "Sandbox",
  custom: "Custom Domain",
  demo: "Demo",
};

/** Trouble on the way, not with what was asked: the same question may be answered in a minute. */
const passing: readonly ReasonCode[] = ["provider_down", "connection_timeout", "rate_limited"];

const actionOf = (action: NextAction): LineAction[] => {
  if (action.do === "again") return [{ do: "connect", label: action.label }];
  return action.do === "wait" ? [] : [action];
};

/** A reason in the decoder's own words: what happened, the first thing to do, and its buttons. */
export function failFor(
  what: LineName,
  reason: ReasonCode,
  facts: DecoderFacts,
  providerCode?: string,
): Line {
  const { title, cause, steps } = explain(reason, facts);
  const [first] = steps;
  const told = providerCode === undefined ? "" : ` (answer: ${providerCode})`;
  return fail(what, `${title}. ${cause}${told}`, `${first.title}. ${first.text}`, {
    actions: first.actions.flatMap(actionOf),
    code: reason,
  });
}

/** As `failFor`, but trouble on the way leaves the question open. */
export function failOrOpen(
  what: LineName,
  reason: ReasonCode,
  facts: DecoderFacts,
  providerCode?: string,
): Line {
  if (!passing.includes(reason)) return failFor(what, reason, facts, providerCode);
  return unknown(
    what,
    `${explain(reason, facts).title}, so this question has no answer.`,
    "Run the check again in a minute.",
    { code: reason },
  );
}

/** A question of ours that broke off: nobody else's fault. */
export const brokeOff = (what: LineName): Line =>
  unknown(
    what,
    "The studio could not ask this; the reason is in its log.",
    "Run the check again. If it stays, tell the operator of this studio.",
  );
