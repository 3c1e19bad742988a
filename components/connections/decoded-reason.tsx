import { codeWords } from "#components/connections/problem-words.ts";
import { explain, noFacts } from "#lib/grants/decoder.ts";
import { isReasonCode } from "#lib/providers/reason-codes.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

/**
 * What a code means, in the decoder's words: its title, or its cause. The decoder is long: whoever shows
 * this loads it by `next/dynamic`.
 */
export function DecodedReason({
  code,
  provider,
  part,
}: {
  code: string;
  provider: ProviderName;
  part: "title" | "cause";
}) {
  if (!isReasonCode(code)) return codeWords(code)[part];
  return explain(code, { ...noFacts, provider })[part];
}
