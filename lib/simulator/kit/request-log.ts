/** One request, byte for byte as it came in. */
export type LoggedRequest = {
  atMs: number;
  /** How it came: by the loopback prefix or under its true name. */
  via: "loopback" | "tls";
  method: string;
  host: string;
  /** Path and query as sent, after the loopback prefix. */
  path: string;
  /** Names and values in turn, in their order and spelling. */
  rawHeaders: string[];
  body: Buffer;
  /** Null while the answer is not out, and when the connection was cut before one. */
  status: number | null;
};

export type RequestPredicate = string | RegExp | ((request: LoggedRequest) => boolean);

export type RequestLog = {
  add(request: LoggedRequest): void;
  all(): readonly LoggedRequest[];
  /**
   * A string names a path (the query and doubled slashes left out, letter case ignored), a pattern is
   * tried on `host + path`.
   */
  requestsTo(which: RequestPredicate): LoggedRequest[];
  clear(): void;
};

const bare = (path: string) => (path.split("?")[0] as string).replace(/\/{2,}/g, "/").toLowerCase();

function predicate(which: RequestPredicate): (request: LoggedRequest) => boolean {
  if (typeof which === "function") return which;
  if (typeof which === "string") return (request) => bare(request.path) === bare(which);
  return (request) => which.test(request.host + request.path);
}

/** @param keep - how many requests are kept; the oldest go first */
export function createRequestLog(keep = 5000): RequestLog {
  let entries: LoggedRequest[] = [];
  return {
    add: (request) => {
      entries.push(request);
      // Cut now and then, not at each: copying thousands a request is slow.
      if (entries.length >= 2 * keep) entries = entries.slice(-keep);
    },
    all: () => entries.slice(-keep),
    requestsTo: (which) => entries.slice(-keep).filter(predicate(which)),
    clear: () => {
      entries = [];
    },
  };
}

/** A logged request's header by name, letter case ignored; the first if it came several times. */
export function loggedHeader(request: LoggedRequest, name: string): string | undefined {
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    if (request.rawHeaders[i]?.toLowerCase() === name.toLowerCase())
      return request.rawHeaders[i + 1];
  }
  return undefined;
}
