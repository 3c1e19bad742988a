import type { Faults } from "#lib/simulator/kit/faults.ts";

/** Time as the providers see it. Tests move it; nothing in the simulator reads another clock. */
export type SimulatorClock = {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  advanceSeconds(seconds: number): void;
};

/** Repeatable chance: the same seed gives the same values in the same order. */
export type SeededRandom = {
  bytes(count: number): Buffer;
  /** `length` characters out of `alphabet` (letters and digits when left out). */
  token(length: number, alphabet?: string): string;
  uuid(): string;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  pick<T>(list: readonly T[]): T;
};

/** Gives the public base of a true host, without trailing slash, as the caller reached it. */
export type UrlFor = (trueHost: string) => string;

export type SimulatorContext = {
  clock: SimulatorClock;
  random: SeededRandom;
  faults: Faults;
  /**
   * The base under which a host is reached when there is no request at hand, without trailing slash.
   * While a request is handled use its own `urlFor`: it follows the way the request came in.
   */
  urlFor: UrlFor;
};

export type SimulatorRequest = {
  /** Upper case. */
  method: string;
  /** The true provider host, lower case, without port. */
  host: string;
  /** Path and query as sent, after the loopback prefix: not decoded, doubled slashes kept. */
  path: string;
  /** Repeated headers are joined as HTTP says; see the request log for the raw bytes. */
  headers: Headers;
  body: Buffer;
  urlFor: UrlFor;
};

/** What goes wrong on the wire after the provider did its work. */
export type ConnectionFault = {
  /** The socket is destroyed: the effect has happened, the answer is lost, whole or in part. */
  cut?: "before-answer" | "mid-body";
  delayMs?: number;
  drip?: { bytes: number; everyMs: number };
};

export type SimulatorResponse = {
  status: number;
  /** Names in lower case; a list sends the header several times (`set-cookie`). */
  headers: Record<string, string | string[]>;
  body: string | Buffer;
  connection?: ConnectionFault;
  /** Whom the answer is about, so that faults set for a user or an app meet their target. */
  subject?: { user?: string; app?: string };
  /** Called once the answer is out or its connection is gone. */
  whenSent?: () => void;
};

export type ProviderName = "salesforce" | "marketing-cloud";

export type Provider = {
  name: ProviderName;
  /** Whether a true host (lower case, no port) is this provider's. */
  owns(host: string): boolean;
  handle(request: SimulatorRequest): Promise<SimulatorResponse>;
  /** Everything that must survive a restart, as plain JSON. Seeded data is not in it. */
  exportState(): unknown;
  importState(state: unknown): void;
};
