import { normalizeTarget, type TargetRefusal } from "#lib/providers/call-target.ts";

export type ProxiedPath =
  | { kind: "taken"; path: string; query: string }
  | { kind: "refused"; code: "broker.ambiguous_path"; reason: TargetRefusal; userMessage: string };

const words: Readonly<Record<TargetRefusal, string>> = {
  too_long: "This address is longer than the studio passes on.",
  not_a_path: "This is not a path of the provider.",
  bad_encoding: "This address holds an escape that is broken or need not be there.",
  dot_segment: "This address holds a dot segment. Write the path out.",
  hidden_delimiter: "This address hides a slash, a percent sign or another delimiter.",
  bad_character: "This address holds a character that must be encoded or cannot be passed on.",
  repeated_parameter: "This address gives a parameter twice that may be given once.",
  token_in_address:
    "This address carries a token or password. Send the agent key as a bearer token.",
};

/**
 * The path and query that a proxied call is judged by and sent with (BRK-4): normalised once, here;
 * nobody behind may change a character of it. What could be read in two ways is refused.
 *
 * @param rawPath - what stands behind `/rest` or `/soap` in the request line, undecoded; may be empty
 * @param rawQuery - what stands behind the first `?`, undecoded; empty where there is none
 */
export function proxiedPath(rawPath: string, rawQuery: string): ProxiedPath {
  const target = normalizeTarget(rawPath, rawQuery);
  if (target.kind === "taken") return target;
  const { reason } = target;
  return { kind: "refused", code: "broker.ambiguous_path", reason, userMessage: words[reason] };
}
