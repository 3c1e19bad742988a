import { apiReasons } from "#lib/grants/decoder/api-reasons.ts";
import { appReasons } from "#lib/grants/decoder/app-reasons.ts";
import { connectionReasons } from "#lib/grants/decoder/connection-reasons.ts";
import type { Explanation } from "#lib/grants/decoder/explanation.ts";
import type { DecoderFacts } from "#lib/grants/decoder/facts.ts";
import { flowReasons } from "#lib/grants/decoder/flow-reasons.ts";
import { orgReasons } from "#lib/grants/decoder/org-reasons.ts";
import { providerReasons } from "#lib/grants/decoder/provider-reasons.ts";
import { userReasons } from "#lib/grants/decoder/user-reasons.ts";
import { type Words, wordsFor } from "#lib/grants/decoder/words.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

// The face of the folder: pages need these beside `explain`.
export type { Explanation, NextAction, NextStep } from "#lib/grants/decoder/explanation.ts";
export { type DecoderFacts, groupMid, noFacts, wizardPath } from "#lib/grants/decoder/facts.ts";

const entries: Record<ReasonCode, (w: Words) => Explanation> = {
  ...appReasons,
  ...orgReasons,
  ...userReasons,
  ...flowReasons,
  ...connectionReasons,
  ...providerReasons,
  ...apiReasons,
};

/**
 * What a reason means for the person in front of it: a title, a plain cause, and steps of which the
 * first is the one to take. Every reason has all three. No provider text gets in (OA-7).
 */
export function explain(reason: ReasonCode, facts: DecoderFacts): Explanation {
  return entries[reason](wordsFor(facts));
}
