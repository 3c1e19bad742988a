import { stillLive } from "#lib/auth/still-live.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Change, ChangeFeed } from "#lib/db/changes.ts";
import type { Database } from "#lib/db/client.ts";
import { audienceOf, mayHear } from "#lib/live/audience-repository.ts";
import { LiveStoppingError, TooManyStreamsError } from "#lib/live/errors.ts";
import { createLiveStream, type LiveStream } from "#lib/live/live-stream.ts";

/** A browser's tabs share one stream; this is for several browsers. */
const STREAMS_A_PERSON = 8;
const STREAMS_AT_MOST = 2_000;
/** Changes that come so close together are told together. */
const GATHER_MS = 60;
/** A session that ends takes its streams with it within a second (WEB-3): checked twice in that time. */
const CHECK_EVERY_MS = 400;
const HEARTBEAT_EVERY_MS = 15_000;
/** More than this at once: whoever listens reads everything anew. */
const CHANGES_AT_MOST = 500;

export type LiveHub = {
  /**
   * Tells one person's page what changes from now on, over all instances.
   *
   * @returns server-sent events; they end with the session, with the process, or when nobody reads them
   * @throws {TooManyStreamsError} this person, or this instance, has as many as it may
   * @throws {LiveStoppingError} the process ends
   */
  open(principal: Principal): ReadableStream<Uint8Array>;
  /** How many pages listen. */
  readonly size: number;
  /** Ends every stream, and opens none any more (OPS-1). */
  stop(): void;
};

type Listener = { principal: Principal; stream: LiveStream };

/**
 * The pages of this process that want to know what changes. One subscription to the change feed, one look
 * at whose the changes are and one at the sessions, however many pages listen; none while nobody does.
 */
export function createLiveHub(deps: {
  db: Database;
  changes: Pick<ChangeFeed, "subscribe">;
  clock: Clock;
  log: Logger;
}): LiveHub {
  const { db, changes, clock, log } = deps;
  const listeners = new Set<Listener>();
  let isStopped = false;
  let waiting: Map<string, Change> | "all" = new Map();
  let gathering: NodeJS.Timeout | null = null;
  let isChecking = false;
  let beating: NodeJS.Timeout | null = null;

  changes.subscribe((change) => {
    if (listeners.size === 0) return;
    if (change === "all") waiting = "all";
    else if (waiting !== "all") waiting.set(`${change.kind}:${change.id}`, change);
    if (waiting !== "all" && waiting.size > CHANGES_AT_MOST) waiting = "all";
    gathering ??= setTimeout(() => void tell(), GATHER_MS);
  });

  async function tell(): Promise<void> {
    const gathered = waiting;
    waiting = new Map();
    gathering = null;
    if (gathered === "all") {
      for (const { stream } of listeners) stream.tellAll();
      return;
    }
    try {
      const heard = await audienceOf(db, [...gathered.values()]);
      for (const { principal, stream } of listeners) {
        for (const change of heard) {
          if (mayHear(principal, change)) stream.tell({ kind: change.kind, id: change.id });
        }
      }
    } catch (error) {
      log.warn("whose a change is was not found out", { error });
      for (const { stream } of listeners) stream.tellAll();
    }
  }

  async function check(): Promise<void> {
    const asked = [...listeners];
    // What cannot be checked is not kept.
    const live = await stillLive(
      { db, clock },
      asked.map(({ principal }) => principal),
    ).catch((error: unknown) => {
      log.warn("sessions of live pages were not checked", { error });
      return new Set<string>();
    });
    for (const { principal, stream } of asked) {
      if (!live.has(principal.sessionId)) stream.end();
    }
    isChecking = listeners.size > 0;
    if (isChecking) setTimeout(() => void check(), CHECK_EVERY_MS);
  }

  const beat = () => {
    for (const { stream } of listeners) stream.beat();
  };

  function forget(listener: Listener): void {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    if (gathering) clearTimeout(gathering);
    if (beating) clearInterval(beating);
    gathering = beating = null;
    waiting = new Map();
  }

  return {
    open(principal) {
      if (isStopped) throw new LiveStoppingError();
      const own = [...listeners].filter((each) => each.principal.userId === principal.userId);
      if (listeners.size >= STREAMS_AT_MOST || own.length >= STREAMS_A_PERSON) {
        throw new TooManyStreamsError();
      }
      const stream = createLiveStream(() => forget(listener));
      const listener = { principal, stream };
      listeners.add(listener);
      if (!isChecking) setTimeout(() => void check(), CHECK_EVERY_MS);
      isChecking = true;
      beating ??= setInterval(beat, HEARTBEAT_EVERY_MS);
      return stream.readable;
    },
    get size() {
      return listeners.size;
    },
    stop() {
      isStopped = true;
      for (const { stream } of listeners) stream.end();
    },
  };
}
