/** For whom a fault is set. What is left out matches everybody. */
export type FaultScope = {
  /** Username, as the provider knows it. */
  user?: string;
  /** Client id. */
  app?: string;
  /** True host. */
  host?: string;
  /** Beginning of the path, compared without regard to case or doubled slashes. */
  path?: string;
};

/** A named switch. Its value says how the fault shows itself. */
export type Fault<Value> = { readonly name: string; readonly _value?: Value };

const declared = new Map<string, Fault<unknown>>();

/** Declares a fault; the name is `provider.what-happens` and unique. */
export function defineFault<Value = true>(name: string): Fault<Value> {
  if (declared.has(name)) throw new Error(`the fault ${name} is declared twice`);
  const fault: Fault<Value> = { name };
  declared.set(name, fault);
  return fault;
}

/** @returns the declared fault, or undefined: for the control interface, which names them in JSON */
export const findFault = (name: string): Fault<unknown> | undefined => declared.get(name);

export const faultNames = (): string[] => [...declared.keys()].sort();

export type FaultHandle = {
  readonly id: string;
  clear(): void;
  /** Lets go what a holding fault holds, and ends the fault. */
  release(): void;
  /** Resolves when the fault has met its first request. */
  readonly reached: Promise<void>;
};

type Entry = {
  id: string;
  name: string;
  value: unknown;
  scope: FaultScope;
  left: number;
  reach: () => void;
  released: Promise<void>;
  release: () => void;
};

/** A fault that a request met, with its value. */
export type MetFault<Value> = { value: Value; released: Promise<void> };

export type Faults = {
  /**
   * Switches a fault on.
   *
   * @param times - how many requests meet it; left out: all until it is cleared
   */
  set<Value>(
    fault: Fault<Value>,
    value: Value,
    scope?: FaultScope & { times?: number },
  ): FaultHandle;
  /** The value if a request with this subject meets the fault; counts it as met. */
  take<Value>(fault: Fault<Value>, subject: FaultScope): Value | undefined;
  /** Like `take`, with the promise that a held request waits for. */
  meet<Value>(
    fault: Fault<Value>,
    subject: FaultScope,
    /** Looks at the value: what it turns down is neither met nor counted. */
    isMeant?: (value: Value) => boolean,
  ): MetFault<Value> | undefined;
  clear(id?: string): void;
  release(id?: string): void;
  list(): { id: string; fault: string; value: unknown; scope: FaultScope; left: number | null }[];
};

const tidy = (path: string) => path.replace(/\/{2,}/g, "/").toLowerCase();

function matches(scope: FaultScope, subject: FaultScope): boolean {
  if (scope.user !== undefined && scope.user.toLowerCase() !== subject.user?.toLowerCase())
    return false;
  if (scope.app !== undefined && scope.app !== subject.app) return false;
  if (scope.host !== undefined && scope.host.toLowerCase() !== subject.host?.toLowerCase())
    return false;
  if (scope.path !== undefined && !tidy(subject.path ?? "").startsWith(tidy(scope.path)))
    return false;
  return true;
}

export function createFaults(): Faults {
  const entries = new Map<string, Entry>();
  let made = 0;
  const meet = <Value>(
    fault: Fault<Value>,
    subject: FaultScope,
    isMeant: (value: Value) => boolean = () => true,
  ): MetFault<Value> | undefined => {
    for (const entry of entries.values()) {
      if (entry.name !== fault.name || entry.left <= 0 || !matches(entry.scope, subject)) continue;
      if (!isMeant(entry.value as Value)) continue;
      entry.left -= 1;
      entry.reach();
      return { value: entry.value as Value, released: entry.released };
    }
    return undefined;
  };
  const end = (id: string | undefined, act: (entry: Entry) => void) => {
    for (const entry of [...entries.values()]) {
      if (id !== undefined && entry.id !== id) continue;
      entries.delete(entry.id);
      act(entry);
    }
  };
  // Whoever clears a fault also lets go what it holds: no request waits for ever.
  const release = (id?: string) => end(id, (entry) => entry.release());
  return {
    set: (fault, value, { times, ...scope } = {}) => {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const id = `fault-${++made}`;
      entries.set(id, {
        id,
        name: fault.name,
        value,
        scope,
        left: times ?? Number.POSITIVE_INFINITY,
        reach: reached.resolve,
        released: released.promise,
        release: released.resolve,
      });
      return {
        id,
        clear: () => release(id),
        release: () => release(id),
        reached: reached.promise,
      };
    },
    meet,
    take: (fault, subject) => meet(fault, subject)?.value,
    clear: release,
    release,
    list: () =>
      [...entries.values()].map(({ id, name, value, scope, left }) => ({
        id,
        fault: name,
        value,
        scope,
        left: Number.isFinite(left) ? left : null,
      })),
  };
}

/** Faults of the wire: the server carries them out for both providers. */
export const wireFaults = {
  /** Answers so many real milliseconds late, after the work was done. */
  slow: defineFault<{ ms: number }>("wire.slow"),
  /** Cuts the connection: before any work, or after the work with the answer lost whole or in part. */
  cut: defineFault<{ stage: "before-work" | "after-work" | "mid-body" }>("wire.cut"),
  /** Sends the answer in small pieces. */
  drip: defineFault<{ bytes: number; everyMs: number }>("wire.drip"),
  /** Adds so many bytes of blank space to the end of the answer. */
  oversize: defineFault<{ bytes: number }>("wire.oversize"),
  contentType: defineFault<{ contentType: string }>("wire.content-type"),
  /** Answers this instead of the provider; nothing is done. */
  answer: defineFault<{
    status: number;
    body: string;
    contentType?: string;
    headers?: Record<string, string>;
  }>("wire.answer"),
  /** Keeps the request before or after the work until the fault is released. */
  held: defineFault<{ stage: "before-work" | "after-work" }>("wire.held"),
  /** Sets fields of a JSON object answer to other values; `null` takes a field away. */
  fields: defineFault<{ fields: Record<string, unknown> }>("wire.fields"),
} as const;
