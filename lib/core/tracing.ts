import type { metricLabels } from "#lib/core/metrics.ts";

type Attribute = keyof typeof metricLabels;
/** The same closed lists as the metrics' labels: nothing of a tenant is in a span either (OPS-7). */
export type SpanAttributes = {
  readonly [Name in Attribute]?: (typeof metricLabels)[Name][number];
};
export type SpanName = "lease" | "refresh" | "proxy call";

/** Tells how long something took, and within what; costs nothing where nobody collects it. */
export type Tracer = {
  /** @param requestId - leads from a span to the lines of the log, which have ids */
  span<T>(name: SpanName, requestId: string | null, work: () => Promise<T>): Promise<T>;
  /** Adds to the span that this runs in; whatever is not in its list is `other`. */
  note(attributes: SpanAttributes): void;
  /** Sends what is collected. */
  stop(): Promise<void>;
};

export const noTracer: Tracer = {
  span: (_name, _requestId, work) => work(),
  note: () => {},
  stop: async () => {},
};
