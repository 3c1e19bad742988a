import type { IncomingMessage } from "node:http";
import { RequestRefusedError } from "#lib/http/problem.ts";
import { AGENT_PLAN_BYTES } from "#lib/plans/schema.ts";

/** Where MCP is spoken; one address, one method (MCP-3). */
const MCP_PATH = "/api/mcp";
const METADATA_PATH = "/.well-known/oauth-protected-resource";
/** RFC 9728 §3.1: with the resource's own path behind it, and for those who ask without. */
const metadataPaths = new Set([METADATA_PATH, `${METADATA_PATH}${MCP_PATH}`]);

/** A plan's operations are many. */
export const MAX_MCP_BYTES = AGENT_PLAN_BYTES;

/** What is asked for, if it is MCP's at all; by the path as it was sent. */
export function mcpAddressOf(url: string | undefined): "mcp" | "metadata" | null {
  const path = url?.split("?", 1)[0] ?? "";
  if (path === MCP_PATH) return "mcp";
  return metadataPaths.has(path) ? "metadata" : null;
}

/** Where a client learns what this resource is and how to come in (RFC 9728). */
export const metadataUrlOf = (studioUrl: string): string =>
  `${studioUrl}${METADATA_PATH}${MCP_PATH}`;

/**
 * The resource's metadata. No authorization server is named: keys are made by the owner in the studio, and
 * nobody else's tokens are taken (MCP-2).
 */
export const resourceMetadata = (studioUrl: string) => ({
  resource: `${studioUrl}${MCP_PATH}`,
  resource_name: "MeshMesh Studio",
  bearer_methods_supported: ["header"],
  resource_documentation: `${studioUrl}/docs/mcp`,
});

const loopback = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

/**
 * Refuses what a page of another origin could send. A studio on this machine's own address also wants that
 * address named: a stranger's name that leads here is how a page would come in (DNS rebinding).
 *
 * @throws {RequestRefusedError} 403
 */
export function requireOwnOrigin({ headers }: IncomingMessage, studioUrl: string): void {
  const { origin, host = "" } = headers;
  if (origin !== undefined && origin !== studioUrl) {
    throw new RequestRefusedError(
      403,
      "http.foreign_origin",
      "Pages of other origins cannot come in.",
    );
  }
  if (loopback.test(new URL(studioUrl).host) && !loopback.test(host)) {
    throw new RequestRefusedError(403, "http.foreign_host", "This studio is not called that.");
  }
}

/** @throws {RequestRefusedError} a batch, or no object: one message comes at a time (MCP-3) */
export function requireOneMessage(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) {
    return body as Record<string, unknown>;
  }
  throw new RequestRefusedError(
    400,
    Array.isArray(body) ? "mcp.no_batches" : "mcp.no_message",
    "Send one JSON-RPC message at a time.",
  );
}
