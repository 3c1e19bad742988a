import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Collector } from "#lib/core/env.ts";
import type { Logger } from "#lib/core/log.ts";
import { listedSome } from "#lib/core/metrics.ts";
import type { Tracer } from "#lib/core/tracing.ts";
import { createEgress, type Egress } from "#lib/egress/egress.ts";
import { collectorTarget } from "#lib/egress/target.ts";

const exportLimits = { headersMs: 5_000, totalMs: 5_000, maxBodyBytes: 64 * 1024 } as const;
const everyMs = 2_000;
const mostWaiting = 4_096;
const serviceName = "meshmesh-studio";

/**
 * Spans for an OpenTelemetry collector that the operator named, in batches, through an egress of its own
 * that reaches this one address and no other (NET-1). A collector that is away costs spans, never a call.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export function createOtelTracer(deps: { collector: Collector; log: Logger }): Tracer {
  const egress = createEgress({ collectorOrigin: deps.collector.origin });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": serviceName }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: exporterTo(egress, deps),
        scheduledDelayMillis: everyMs,
        maxQueueSize: mostWaiting,
      }),
    ],
  });
  const tracer = provider.getTracer(serviceName);
  const running = new AsyncLocalStorage<{ context: Context; span: Span }>();
  return {
    async span(name, requestId, work) {
      const parent = running.getStore()?.context ?? ROOT_CONTEXT;
      const attributes = requestId === null ? {} : { requestId };
      const span = tracer.startSpan(name, { attributes }, parent);
      try {
        return await running.run({ context: trace.setSpan(parent, span), span }, work);
      } catch (error) {
        // Its words may be a stranger's: that it failed is all a span says.
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
    note: (attributes) => void running.getStore()?.span.setAttributes(listedSome(attributes)),
    async stop() {
      await provider.shutdown().catch(() => undefined);
      await egress.close();
    },
  };
}

function exporterTo(
  egress: Egress,
  { collector, log }: { collector: Collector; log: Logger },
): SpanExporter {
  const target = collectorTarget(collector.origin);
  const send = async (spans: readonly ReadableSpan[]): Promise<void> => {
    const { status } = await egress.send({
      target,
      method: "POST",
      path: collector.path,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(toOtlpJson(spans)),
      limits: exportLimits,
    });
    if (status >= 300) throw new Error(`the collector answered ${status}`);
  };
  return {
    export(spans, done) {
      send(spans).then(
        () => done({ code: 0 }),
        (error: unknown) => {
          log.warn("spans were not collected", { count: spans.length, error });
          done({ code: 1 });
        },
      );
    },
    shutdown: async () => {},
  };
}

const nanos = ([seconds, rest]: readonly [number, number]) =>
  `${BigInt(seconds) * 1_000_000_000n + BigInt(rest)}`;
const attributesOf = (attributes: Readonly<Record<string, unknown>>) =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value: { stringValue: String(value) },
  }));

/** OTLP's JSON: hex ids, nanoseconds as text. */
function toOtlpJson(spans: readonly ReadableSpan[]) {
  const [first] = spans;
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(first?.resource.attributes ?? {}) },
        scopeSpans: [
          {
            scope: { name: serviceName },
            spans: spans.map((span) => {
              const { traceId, spanId } = span.spanContext();
              const parentSpanId = span.parentSpanContext?.spanId;
              return {
                traceId,
                spanId,
                ...(parentSpanId === undefined ? {} : { parentSpanId }),
                name: span.name,
                kind: span.kind + 1,
                startTimeUnixNano: nanos(span.startTime),
                endTimeUnixNano: nanos(span.endTime),
                attributes: attributesOf(span.attributes),
                status: { code: span.status.code },
              };
            }),
          },
        ],
      },
    ],
  };
}
