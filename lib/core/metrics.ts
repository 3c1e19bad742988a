import {
  Counter,
  collectDefaultMetrics,
  exponentialBuckets,
  Gauge,
  Histogram,
  Registry,
} from "prom-client";

// Every label there is, with every value it may have: nothing of a tenant can become one (OPS-7).
const provider = ["salesforce", "marketing-cloud"] as const;
const callClass = ["read", "write", "code", "credentials", "unknown"] as const;
/** `none`: no answer came. */
const statusClass = ["1xx", "2xx", "3xx", "4xx", "5xx", "none"] as const;

/** What is counted. A new one is a line here, its labels closed lists. */
const counters = {
  studio_refreshes_total: {
    help: "Calls to a provider's token endpoint that refresh a grant, by what came of them.",
    labels: {
      provider,
      /** `dropped`: the grant ended or was made anew meanwhile; `unsaved`: the database was away. */
      outcome: ["refreshed", "refused", "transient", "misconfigured", "dropped", "unsaved"],
      kind: ["demand", "background", "recovery"],
    },
  },
  studio_leases_total: {
    help: "Leases asked for, by what came of them.",
    labels: { provider, outcome: ["issued", "refused", "limited", "failed"] },
  },
  studio_leases_returned_total: {
    help: "Leases given back or revoked before their end.",
    labels: {},
  },
  studio_proxy_calls_total: {
    help: "Calls of agents to a provider through the proxy.",
    labels: {
      provider,
      class: callClass,
      /** `passed`: the provider's own answer; the others are the studio's. */
      outcome: ["passed", "plan_required", "refused", "limited", "failed"],
      status: statusClass,
    },
  },
  studio_plan_steps_total: {
    help: "Steps of plans, by what came of each try.",
    labels: {
      provider,
      /** `put_off`: nothing was done, and it is tried again. */
      outcome: ["applied", "failed", "unknown", "drifted", "put_off"],
    },
  },
  studio_agent_sign_ins_total: {
    help: "Agent keys and lease tokens shown to the agents' surface.",
    labels: { outcome: ["accepted", "refused"] },
  },
  studio_http_requests_total: {
    help: "HTTP requests answered, by surface.",
    labels: { surface: ["people", "agents", "operators"], status: statusClass },
  },
  studio_jobs_total: {
    help: "Background jobs that ended.",
    labels: { outcome: ["done", "failed"] },
  },
} as const;

const seconds = {
  /** 0.1 ms … 6.5 s: answers from memory. */
  quick: exponentialBuckets(0.0001, 2, 17),
  /** 5 ms … 80 s: a provider answers in between. */
  provider: exponentialBuckets(0.005, 2, 15),
};

/** What is measured; the unit is the name's end. */
const histograms = {
  studio_refresh_duration_seconds: {
    help: "From the call of a token endpoint to its answer.",
    labels: { provider },
    buckets: seconds.provider,
  },
  studio_lease_duration_seconds: {
    help: "From the demand for a lease to the answer.",
    labels: { outcome: ["issued", "refused", "limited", "failed"] },
    buckets: seconds.quick,
  },
  studio_proxy_duration_seconds: {
    help: "From an agent's call to the end of its answer.",
    labels: { provider, class: callClass },
    buckets: seconds.provider,
  },
  studio_http_duration_seconds: {
    help: "From the head of a request to the end of its answer.",
    labels: { surface: ["people", "agents", "operators"] },
    buckets: seconds.quick,
  },
  studio_group_commit_items: {
    help: "Writes that one transaction took together.",
    labels: { group: ["leases", "proxy"] },
    buckets: exponentialBuckets(1, 2, 9),
  },
} as const;

/** What is asked for when somebody looks. */
const gauges = {
  studio_access_tokens_held: "Access tokens in this process's memory.",
  studio_change_feed_current: "1 while this instance hears of the others' changes within a second.",
  studio_breakers_open: "Provider hosts that are left alone after failures.",
  studio_refreshes_running: "Refreshes that this instance has under way.",
  studio_plans_running: "Plans that this instance applies.",
  studio_live_pages: "Browsers that are told of changes as they happen.",
  studio_revocations_pending: "Tokens that are yet to be ended at their provider.",
  studio_ready: "1 while this instance takes work.",
} as const;

/** What a span may say, by the same lists. */
export const metricLabels = {
  provider,
  class: callClass,
  status: statusClass,
  outcome: [
    ...counters.studio_refreshes_total.labels.outcome,
    ...counters.studio_leases_total.labels.outcome,
    ...counters.studio_proxy_calls_total.labels.outcome,
  ],
} as const;

/** Those that were given, each by its list. */
export function listedSome(given: object): Record<string, string> {
  const names = Object.keys(given).filter((name) => name in metricLabels);
  const all: Labels = metricLabels;
  return listed(Object.fromEntries(names.map((name) => [name, all[name] ?? []])), given);
}

type Labels = Readonly<Record<string, readonly string[]>>;
type ValuesOf<L extends Labels> = { readonly [Name in keyof L]: L[Name][number] };
export type CounterName = keyof typeof counters;
export type HistogramName = keyof typeof histograms;
export type GaugeName = keyof typeof gauges;
export type CounterLabels<N extends CounterName> = ValuesOf<(typeof counters)[N]["labels"]>;
export type HistogramLabels<N extends HistogramName> = ValuesOf<(typeof histograms)[N]["labels"]>;

/** Counts and durations of this process, for the operator's Prometheus. Never anything of a tenant. */
export type Metrics = {
  /** One more. */
  count<N extends CounterName>(name: N, labels: CounterLabels<N>): void;
  /** @param value - in the unit that the name ends with */
  observe<N extends HistogramName>(name: N, labels: HistogramLabels<N>, value: number): void;
  /** Names who is asked for the gauge when somebody looks; one a gauge, the last one counts. */
  gauge(name: GaugeName, read: () => number | Promise<number>): void;
  /** Adds memory, CPU, event loop and garbage collection of the process. */
  includeProcess(): void;
  /** All of it as Prometheus text, version 0.0.4. */
  text(): Promise<string>;
  readonly contentType: string;
};

/** A value that is not in its list, whatever it is, is counted under this one and never shown. */
const UNLISTED = "other";

/** A registry of its own, so that tests and processes share none. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const made = <T, M>(table: Readonly<Record<string, T>>, make: (name: string, of: T) => M) =>
    new Map(Object.entries(table).map(([name, of]) => [name, { of, metric: make(name, of) }]));
  const counted = made(
    counters,
    (name, { help, labels }) =>
      new Counter({ name, help, labelNames: Object.keys(labels), registers }),
  );
  const measured = made(
    histograms,
    (name, { help, labels, buckets }) =>
      new Histogram({ name, help, labelNames: Object.keys(labels), buckets, registers }),
  );
  const readers = new Map<string, () => number | Promise<number>>();
  let hasProcess = false;

  return {
    contentType: registry.contentType,
    count(name, labels) {
      const held = counted.get(name);
      if (held) held.metric.inc(listed(held.of.labels, labels));
    },
    observe(name, labels, value) {
      const held = measured.get(name);
      if (held) held.metric.observe(listed(held.of.labels, labels), value);
    },
    gauge(name, read) {
      if (!readers.has(name)) {
        new Gauge({
          name,
          help: gauges[name],
          registers,
          // What cannot be read just now is absent; the rest is shown.
          async collect() {
            const value = await Promise.resolve(readers.get(name)?.()).catch(() => undefined);
            if (value === undefined) this.remove();
            else this.set(value);
          },
        });
      }
      readers.set(name, read);
    },
    includeProcess() {
      if (!hasProcess) collectDefaultMetrics({ register: registry });
      hasProcess = true;
    },
    text: () => registry.metrics(),
  };
}

function listed(lists: Labels, given: object): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, values] of Object.entries(lists)) {
    const value = (given as Readonly<Record<string, string>>)[name] ?? UNLISTED;
    kept[name] = values.includes(value) ? value : UNLISTED;
  }
  return kept;
}

/** `200` → `2xx`. */
export function statusClassOf(status: number): (typeof statusClass)[number] {
  const first = Math.floor(status / 100);
  return first >= 1 && first <= 5 ? (`${first}xx` as (typeof statusClass)[number]) : "none";
}
