import type { Clock } from "#lib/core/clock.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { Egress } from "#lib/egress/egress.ts";
import { isEgressError } from "#lib/egress/errors.ts";
import { reasonOfEgressError } from "#lib/grants/egress-reason.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import type { Answer, Refused } from "#lib/providers/checkup.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import type { Environment } from "#lib/providers/vocabulary.ts";

export type AskDeps = { clock: Clock; egress: Egress; addresses: ProviderAddresses; log: Logger };

/** The provider's clock beside ours: how far it is ahead, give or take what the call itself took. */
export type ClockReading = { aheadMs: number; uncertaintyMs: number };

export type Asked<Facts> =
  | { kind: "answered"; facts: Facts; clock: ClockReading | null }
  | { kind: "refused"; reason: ReasonCode; providerCode: string; clock: ClockReading | null }
  | { kind: "unreachable"; reason: ReasonCode }
  /** Something of ours failed; it is in the log. */
  | { kind: "failed" }
  /** There was nothing to ask with. */
  | { kind: "not_asked" };

/** One call may take this long; all of a check's run at the same time. */
const limits = { headersMs: 5_000, totalMs: 6_000, maxBodyBytes: 256 * 1024 };
/** An HTTP date has no parts of a second. */
const DATE_RESOLUTION_MS = 1_000;

/**
 * Asks one thing, once. Goes only where the provider's rules allow (NET-2), and never fails itself: what
 * came of it is the outcome.
 *
 * @param accessToken - only for questions that need it
 */
export async function ask<Facts extends object>(
  deps: AskDeps,
  question: { environment: Environment; host: string; path: string; accessToken?: Secret },
  read: (answer: Answer) => Facts | Refused,
): Promise<Asked<Facts>> {
  const { environment, host, path, accessToken } = question;
  const sentAt = deps.clock.now().getTime();
  try {
    const answer = await deps.egress.send({
      target: deps.addresses.target(environment, host),
      method: "GET",
      path,
      headers: {
        accept: "application/json",
        ...(accessToken ? { authorization: `Bearer ${accessToken.reveal()}` } : {}),
      },
      limits,
    });
    const clock = readClock(answer.headers.get("date"), sentAt, deps.clock.now().getTime());
    const facts = read(answer);
    return isRefused(facts)
      ? { kind: "refused", reason: facts.refused, providerCode: facts.providerCode, clock }
      : { kind: "answered", facts, clock };
  } catch (error) {
    if (isEgressError(error)) return { kind: "unreachable", reason: reasonOfEgressError(error) };
    deps.log.error("a check failed", { host, error });
    return { kind: "failed" };
  }
}

function isRefused(facts: object): facts is Refused {
  return "refused" in facts;
}

/** @returns null where the answer names no readable time */
export function readClock(
  date: string | null,
  sentAtMs: number,
  receivedAtMs: number,
): ClockReading | null {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return null;
  return {
    // Cut to the second: on average half of one is missing.
    aheadMs: theirs + DATE_RESOLUTION_MS / 2 - (sentAtMs + receivedAtMs) / 2,
    uncertaintyMs: (receivedAtMs - sentAtMs + DATE_RESOLUTION_MS) / 2,
  };
}
