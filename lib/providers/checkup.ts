import type { EgressResponse } from "#lib/egress/egress.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

export type Answer = Pick<EgressResponse, "status" | "headers" | "body" | "isRedirect">;

/** What a host is to somebody who brings no token. */
export type Greeting =
  /** The provider, under the name it was called by. */
  | { kind: "itself" }
  /** Another host of the provider, which the answer names. */
  | { kind: "elsewhere"; host: string }
  /** The provider has no org or tenant under this name. */
  | { kind: "nobody" }
  | { kind: "busy"; status: number }
  /** Something answers, and not as the provider does. */
  | { kind: "unfamiliar"; status: number };

/** A harmless call without a token, and how its answer reads. */
export type Knock = {
  host: string;
  path: string;
  /** @param hostOf - the host of an address in the answer; null unless it is the provider's */
  read(answer: Answer, hostOf: (url: string) => string | null): Greeting;
};

/** The provider said no, in our words. `providerCode` is plain characters, for the folded detail. */
export type Refused = { refused: ReasonCode; providerCode: string };

/** One question about a live connection. */
export type Question<Facts> = {
  host: string;
  path: string;
  needsToken: boolean;
  read(answer: Answer): Facts | Refused;
};

export type WhoFacts = {
  userId: string;
  username: string;
  displayName: string | null;
  orgId: string | null;
  memberId: number | null;
  enterpriseName: string | null;
  /** Where the provider runs the org or tenant, in its own short name. */
  stack: string | null;
  /** Redirect URIs that the app has registered; null where the provider does not say. */
  redirectUris: readonly string[] | null;
};

export type PlaceFacts = {
  name: string | null;
  isSandbox: boolean;
  edition: string | null;
  /** Short name of the instance: `EU45`. */
  instance: string | null;
};

export type ApiFacts = {
  /** Newest version of the API, where it has any: `64.0`. */
  version: string | null;
  /** The business unit that the API acts in, where it says. */
  memberId: number | null;
};

/** Calls of the last 24 hours. */
export type LimitFacts = { used: number; max: number };

/** What is asked about a live connection: each question once, all at the same time. */
export type Examination = {
  who: Question<WhoFacts>;
  api: Question<ApiFacts>;
  /** Null where `who` and `api` say all there is. */
  place: Question<PlaceFacts> | null;
  /** Null where the provider counts nothing that it tells. */
  limits: Question<LimitFacts> | null;
};

export type ExaminedHosts = {
  tokenHost: string;
  instanceHost: string | null;
  restHost: string | null;
};

/** One provider's part of a check: what to ask, and what the answers mean. */
export type Checkup = {
  knockAtLogin(host: string): Knock;
  /** Null where the login host is the API's too. */
  knockAtApi: ((host: string) => Knock) | null;
  examination(hosts: ExaminedHosts): Examination;
  /** What somebody typed as client id, by its shape alone. */
  clientIdShape(clientId: string): ClientIdShape;
  /** Scopes that the studio knows nothing of; a typo makes the provider refuse the sign-in. */
  unknownScopes(scopes: readonly string[]): string[];
  /** Why the provider would not send anybody back to this address; null where it would. */
  redirectProblem(uri: string): string | null;
};

/** `wrong` names what it looks like instead; `isSecret` then keeps it from being shown. */
export type ClientIdShape =
  | { kind: "usual" }
  | { kind: "unusual" }
  | { kind: "wrong"; looksLike: string; isSecret: boolean };

export function isBusy(status: number): boolean {
  return status === 429 || status >= 500;
}

/** The body as JSON; null for anything else. */
export function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.body.toString("utf8"));
  } catch {
    return null;
  }
}
