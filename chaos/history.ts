/**
 * What happened in a run, from every side: the provider's, the database's, the agents' and ours, who
 * broke things. Times are milliseconds of this machine's one clock.
 */
export type History = {
  /** Refresh tokens as they reached a provider, in the order of their arrival. */
  presentations: readonly Presentation[];
  /** Tokens that providers gave for authorization codes. */
  signIns: readonly { accessToken: string; refreshToken: string }[];
  /** Grants as they were committed, in the order of the commits. */
  versions: readonly GrantVersion[];
  /** Access tokens as somebody met them outside the studio: at the provider's API, or as a lease. */
  uses: readonly TokenUse[];
  /** What agents got. */
  answers: readonly AgentAnswer[];
  /** Disconnects and revoked keys that the studio has confirmed. */
  ends: readonly End[];
  /** Refresh tokens that were ended at their provider. */
  revoked: ReadonlySet<string>;
  kills: readonly { instance: string; atMs: number }[];
  pauses: readonly { instance: string; fromMs: number; toMs: number }[];
  leaseIds: ReadonlySet<string>;
  events: readonly TrailEvent[];
  /** Chains of the trail that do not verify. */
  brokenChains: readonly string[];
  /** What each grant answered once everything ran again. */
  healed: readonly { grantId: string; isServed: boolean; detail: string }[];
};

export type Presentation = {
  refreshToken: string;
  instance: string;
  atMs: number;
  /** The answer was out, the connection cut or the caller gone; null: none of these yet. */
  endedAtMs: number | null;
  /** What the provider did: `busy` means that it says a twin of this request is in work. */
  work:
    | { did: "rotate"; accessToken: string; refreshToken: string }
    | { did: "refuse" }
    | { did: "nothing"; isBusy?: boolean };
  /** How the answer left: as it was meant, so that nobody can read it, or not at all. */
  answer: "whole" | "spoiled" | "lost";
};

export type GrantVersion = {
  grantId: string;
  generation: number;
  tokenVersion: number;
  state: "active" | "needs_reconnect" | "disconnected";
  reason: string | null;
  refreshToken: string | null;
  committedAtMs: number;
};

export type TokenUse = {
  accessToken: string;
  atMs: number;
  instance: string;
  by: "proxied call" | "lease";
};

export type AgentAnswer = {
  what: "lease" | "proxied call";
  instance: string;
  keyId: string;
  grantId: string;
  sentAtMs: number;
  isServed: boolean;
  leaseId: string | null;
};

export type End =
  | { what: "key"; id: string; answeredAtMs: number }
  | { what: "grant"; id: string; answeredAtMs: number };

export type TrailEvent = { action: string; targetId: string | null; isSuccess: boolean };
