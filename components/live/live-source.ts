import type { LiveChanges } from "#lib/live/schema.ts";

/** After a refusal, and ever longer after each further one. */
const RETRY_MS = { first: 5_000, longest: 300_000 };

export type LiveNews = { changes: LiveChanges } | { isLive: boolean };

/**
 * What changes, as long as nobody ends it: from the server where this tab has the browser's one stream,
 * else from the tab that has it. Says "all" whenever it begins to hear, the first time too: what the page
 * shows was read before that, and something may have changed in between.
 *
 * @param name - of whom it is for: tabs of the same name share one stream
 * @returns ends it, so that another tab takes over
 */
export function startLive(name: string, onNews: (news: LiveNews) => void): () => void {
  let stop = joinTabs(name, onNews);
  // A page that is put aside whole must not keep the stream from the tabs that are in use.
  const leave = () => stop();
  const comeBack = ({ persisted }: PageTransitionEvent) => {
    if (!persisted) return;
    stop = joinTabs(name, onNews);
    onNews({ changes: "all" });
  };
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", comeBack);
  return () => {
    window.removeEventListener("pagehide", leave);
    window.removeEventListener("pageshow", comeBack);
    stop();
  };
}

function joinTabs(name: string, onNews: (news: LiveNews) => void): () => void {
  const ending = new AbortController();
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(name);
  let isSource = false;
  let isLive = false;

  const take = (news: LiveNews) => {
    if ("isLive" in news) isLive = news.isLive;
    onNews(news);
  };
  const pass = (news: LiveNews) => {
    channel?.postMessage(news);
    take(news);
  };
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<LiveNews | "who is live" | "here it is">) => {
      if (data === "who is live") {
        if (isSource && isLive) channel.postMessage("here it is");
      } else if (isSource) return;
      else if (data !== "here it is") take(data);
      else if (!isLive) {
        take({ isLive: true });
        take({ changes: "all" });
      }
    };
    channel.postMessage("who is live");
  }

  const listen = () => {
    isSource = true;
    return listenToServer(pass, ending.signal);
  };
  // Without locks, or without a channel to the others, each tab has its own.
  if (channel && navigator.locks) {
    navigator.locks.request(name, { signal: ending.signal }, listen).catch(() => {});
  } else void listen();

  return () => {
    if (isSource && isLive) pass({ isLive: false });
    ending.abort();
    channel?.close();
  };
}

/** Until `signal` says so. */
function listenToServer(pass: (news: LiveNews) => void, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = RETRY_MS.first;

  const connect = () => {
    source = new EventSource("/api/live");
    source.addEventListener("ready", () => {
      retryMs = RETRY_MS.first;
      pass({ isLive: true });
      pass({ changes: "all" });
    });
    source.addEventListener("change", ({ data }: MessageEvent<string>) => {
      pass({ changes: JSON.parse(data) as LiveChanges });
    });
    source.addEventListener("error", () => {
      pass({ isLive: false });
      // A connection that broke, the browser makes anew; one that was refused, we do, later.
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_MS.longest);
    });
  };
  signal.addEventListener("abort", () => {
    source?.close();
    clearTimeout(timer);
    resolve();
  });
  connect();
  return promise;
}
