import type { LiveChange } from "#lib/live/schema.ts";

/** A reader that is this far behind reads everything anew. */
const BEHIND_AT_MOST = 200;
/** How long a browser waits before it connects again, between these two: not all at the same moment. */
const RETRY_MS = { least: 1_000, most: 4_000 };

export type LiveStream = {
  readonly readable: ReadableStream<Uint8Array>;
  tell(change: LiveChange): void;
  /** Changes may have been missed. */
  tellAll(): void;
  /** A sign of life; a reader that has not taken the last one yet is gone. */
  beat(): void;
  end(): void;
};

/**
 * One page's events, made when its reader has room for them: what waits is held once each, and is bounded.
 *
 * @param onEnd - once, however it ends
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function createLiveStream(onEnd: () => void): LiveStream {
  const encoder = new TextEncoder();
  let waiting: Map<string, LiveChange> | "all" = new Map();
  // A number of the reader's own spreads them; it protects nothing.
  const spread = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
  const retryMs = RETRY_MS.least + (spread % (RETRY_MS.most - RETRY_MS.least));
  let isGreeted = false;
  let isBeating = false;
  let isEnded = false;
  let wake = () => {};
  let close = () => {};

  function nextText(): string {
    const parts: string[] = [];
    if (!isGreeted) parts.push(`retry: ${retryMs}\nevent: ready\ndata: {}\n\n`);
    isGreeted = true;
    if (waiting === "all" || waiting.size > 0) {
      const told = waiting === "all" ? "all" : [...waiting.values()];
      parts.push(`event: change\ndata: ${JSON.stringify(told)}\n\n`);
    } else if (isBeating) parts.push(": still here\n\n");
    waiting = new Map();
    isBeating = false;
    return parts.join("");
  }

  function end(): void {
    if (isEnded) return;
    isEnded = true;
    close();
    wake();
    onEnd();
  }

  const readable = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        close = () => controller.close();
      },
      async pull(controller) {
        for (;;) {
          if (isEnded) return;
          const text = nextText();
          if (text !== "") {
            controller.enqueue(encoder.encode(text));
            return;
          }
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
      cancel() {
        close = () => {};
        end();
      },
    },
    { highWaterMark: 0 },
  );

  return {
    readable,
    tell(change) {
      if (waiting !== "all") waiting.set(`${change.kind}:${change.id}`, change);
      if (waiting !== "all" && waiting.size > BEHIND_AT_MOST) waiting = "all";
      wake();
    },
    tellAll() {
      waiting = "all";
      wake();
    },
    beat() {
      if (isBeating) end();
      else {
        isBeating = true;
        wake();
      }
    },
    end,
  };
}
