import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "#lib/core/clock.ts";
import { type Metrics, statusClassOf } from "#lib/core/metrics.ts";
import { Secret } from "#lib/core/secret.ts";
import { dataPolicy } from "#lib/http/security-headers.ts";

const path = "/api/metrics";

/**
 * `GET /api/metrics`: Prometheus text for who holds `METRICS_TOKEN`; to everybody else, and where that is
 * not set, there is nothing here.
 */
export function metricsSurface(metrics: Metrics, token: Secret | null) {
  return (req: IncomingMessage, res: ServerResponse): void => {
    const isRead = req.method === "GET" || req.method === "HEAD";
    const isHere = req.url?.split("?", 1)[0] === path;
    if (!isRead || !isHere || !mayRead(req, token)) {
      answer(req, res, 404, "application/json", JSON.stringify({ status: "not found" }));
      return;
    }
    metrics.text().then(
      (text) => answer(req, res, 200, metrics.contentType, text),
      () => answer(req, res, 500, "application/json", JSON.stringify({ status: "down" })),
    );
  };
}

function mayRead(req: IncomingMessage, token: Secret | null): boolean {
  const shown = /^bearer (\S+)$/i.exec(req.headers.authorization ?? "")?.[1];
  return token !== null && shown !== undefined && token.equals(new Secret(shown));
}

function answer(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  type: string,
  text: string,
): void {
  res.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "content-security-policy": dataPolicy,
  });
  res.end(req.method === "HEAD" ? undefined : text);
}

/** Counts the request when its answer has ended, or its caller went away. */
export function countRequest(
  { metrics, clock }: { metrics: Metrics; clock: Clock },
  req: IncomingMessage,
  res: ServerResponse,
): void {
  const beganMs = clock.monotonicMs();
  const surface = surfaceOf(req.url ?? "");
  res.once("close", () => {
    const status = res.headersSent ? statusClassOf(res.statusCode) : "none";
    metrics.count("studio_http_requests_total", { surface, status });
    metrics.observe(
      "studio_http_duration_seconds",
      { surface },
      (clock.monotonicMs() - beganMs) / 1000,
    );
  });
}

function surfaceOf(url: string): "people" | "agents" | "operators" {
  if (url.startsWith("/api/broker/") || url.startsWith("/api/mcp")) return "agents";
  if (url.startsWith("/api/health/") || url.startsWith(path)) return "operators";
  return "people";
}
