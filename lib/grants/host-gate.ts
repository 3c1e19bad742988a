import type { Clock } from "#lib/core/clock.ts";
import { chanceOf, type Random } from "#lib/core/ids.ts";

const firstLimit = 16;
const leastLimit = 4;
const mostLimit = 256;
/** What failed together counts as one reason to slow down. */
const slowDownEveryMs = 1_000;
const troublesBeforeOpening = 5;
const firstOpenMs = 1_000;
const longestOpenMs = 60_000;

/** How a call through the gate ended: the host answered, it did not or had enough, or it was not called. */
export type Passage = { outcome: "answered" | "trouble" | "not_called"; askedToWaitMs?: number };

/** The host is left alone for now. */
export class HostRestsError extends Error {
  readonly afterMs: number;
  constructor(afterMs: number) {
    super("the host is left alone after failures");
    this.afterMs = afterMs;
  }
}

/**
 * How many calls a provider's host has at once: few at first, more while it answers, half when it does
 * not; on demand before what nobody waits for (RF-12). After failures in a row it is left alone, for
 * longer each time, and then one call shows whether it is back.
 */
export type HostGate = {
  /**
   * Waits for a place.
   *
   * @param who - by which it can be hastened
   * @returns to be called once, when the call is over
   * @throws {HostRestsError}
   */
  enter(host: string, isOnDemand: boolean, who?: string): Promise<(passage: Passage) => void>;
  /** Somebody waits for what was begun in the background: its turn is like theirs. */
  hasten(host: string, who: string): void;
  /** Hosts that are left alone. */
  resting(): number;
};

type Waiting = {
  who: string | undefined;
  resolve(leave: (passage: Passage) => void): void;
  reject(error: Error): void;
};
type Host = {
  limit: number;
  inside: number;
  demand: Waiting[];
  background: Waiting[];
  troubles: number;
  openings: number;
  restsUntilMs: number;
  slowedAtMs: number;
};

export function createHostGate({ clock, random }: { clock: Clock; random: Random }): HostGate {
  const hosts = new Map<string, Host>();

  function hostOf(name: string): Host {
    const host: Host = hosts.get(name) ?? {
      limit: firstLimit,
      inside: 0,
      demand: [],
      background: [],
      troubles: 0,
      openings: 0,
      restsUntilMs: Number.NEGATIVE_INFINITY,
      slowedAtMs: Number.NEGATIVE_INFINITY,
    };
    hosts.set(name, host);
    return host;
  }

  /** While it is not known to be back, one at a time finds out. */
  const placesOf = (host: Host) => (host.openings > 0 ? 1 : Math.floor(host.limit));

  function admit(name: string, host: Host): void {
    while (host.inside < placesOf(host)) {
      const next = host.demand.shift() ?? host.background.shift();
      if (!next) break;
      host.inside += 1;
      let hasLeft = false;
      next.resolve((passage) => {
        if (hasLeft) return;
        hasLeft = true;
        leave(name, host, passage);
      });
    }
    const isIdle = host.inside + host.demand.length + host.background.length === 0;
    if (isIdle && host.openings === 0 && host.troubles === 0 && host.limit === firstLimit) {
      hosts.delete(name);
    }
  }

  function leave(name: string, host: Host, { outcome, askedToWaitMs = 0 }: Passage): void {
    host.inside -= 1;
    const now = clock.monotonicMs();
    if (outcome === "answered") {
      host.troubles = 0;
      host.openings = 0;
      host.limit = Math.min(mostLimit, host.limit + 1);
    } else if (outcome === "trouble") {
      host.troubles += 1;
      if (now - host.slowedAtMs >= slowDownEveryMs) {
        host.slowedAtMs = now;
        host.limit = Math.max(leastLimit, host.limit / 2);
      }
      if (askedToWaitMs > 0 || host.openings > 0 || host.troubles >= troublesBeforeOpening) {
        rest(host, now, askedToWaitMs);
      }
    }
    admit(name, host);
  }

  function rest(host: Host, now: number, askedToWaitMs: number): void {
    const longest = Math.min(longestOpenMs, firstOpenMs * 2 ** Math.min(host.openings, 10));
    const restMs = Math.max(
      Math.min(askedToWaitMs, longestOpenMs),
      longest * (0.5 + chanceOf(random) / 2),
    );
    host.openings += 1;
    host.restsUntilMs = now + restMs;
    const error = new HostRestsError(restMs);
    for (const { reject } of [...host.demand.splice(0), ...host.background.splice(0)]) {
      reject(error);
    }
  }

  return {
    async enter(name, isOnDemand, who) {
      const host = hostOf(name);
      const leftMs = host.restsUntilMs - clock.monotonicMs();
      if (leftMs > 0) throw new HostRestsError(leftMs);
      // Whether it is back is being found out: nobody queues up behind that.
      if (host.openings > 0 && host.inside > 0) throw new HostRestsError(firstOpenMs);
      const { promise, resolve, reject } = Promise.withResolvers<(passage: Passage) => void>();
      (isOnDemand ? host.demand : host.background).push({ who, resolve, reject });
      admit(name, host);
      return promise;
    },
    hasten(name, who) {
      const host = hosts.get(name);
      const at = host?.background.findIndex((each) => each.who === who) ?? -1;
      if (host && at >= 0) host.demand.push(...host.background.splice(at, 1));
    },
    resting: () => [...hosts.values()].filter(({ openings }) => openings > 0).length,
  };
}
