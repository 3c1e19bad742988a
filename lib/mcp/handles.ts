import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "#lib/core/clock.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";

/** What a handle is for; one of a kind opens nothing of another. */
export type HandleKind = "page" | "round" | "connection-request";

/**
 * Names that a client carries from one call to the next: where a page goes on, which request it waits for.
 * They are no rights (MCP-7): whatever they name is looked up again for whoever calls, and one that another
 * key got, that is older than its kind may be, or in which one bit was changed, names nothing.
 */
export type Handles = {
  /** @param about - what else it is bound to: the tool and its arguments, say */
  make(kind: HandleKind, agent: AgentPrincipal, about: string, name: string): string;
  /** @returns the name, or null: wrong, foreign and old ones look alike */
  open(kind: HandleKind, agent: AgentPrincipal, about: string, handle: string): string | null;
};

const LIFE_SECONDS: Readonly<Record<HandleKind, number>> = {
  page: 600,
  round: 1_800,
  "connection-request": 1_800,
};
const MAX_HANDLE = 500;

export function createHandles(deps: {
  clock: Clock;
  derivedKeys: { requestState: Secret };
}): Handles {
  const nowSeconds = () => Math.floor(deps.clock.now().getTime() / 1000);
  const seal = (bound: readonly string[], payload: string) =>
    createHmac("sha256", deps.derivedKeys.requestState.revealBytes())
      // Lengths apart, so that no two lists of parts read the same.
      .update(JSON.stringify(["mcp-handle-v1", ...bound, payload]))
      .digest();
  const boundTo = (kind: HandleKind, { teamId, agentId, keyId }: AgentPrincipal, about: string) => [
    kind,
    teamId,
    agentId,
    keyId,
    createHash("sha256").update(about).digest("base64url"),
  ];
  return {
    make(kind, agent, about, name) {
      const payload = `${nowSeconds() + LIFE_SECONDS[kind]}.${name}`;
      const mac = seal(boundTo(kind, agent, about), payload).toString("base64url");
      return `${Buffer.from(payload).toString("base64url")}.${mac}`;
    },
    open(kind, agent, about, handle) {
      if (handle.length > MAX_HANDLE) return null;
      const [text = "", mac = ""] = handle.split(".");
      const payload = Buffer.from(text, "base64url").toString();
      const given = Buffer.from(mac, "base64url");
      const wanted = seal(boundTo(kind, agent, about), payload);
      const isOurs = given.byteLength === wanted.byteLength && timingSafeEqual(given, wanted);
      // Decoding forgives spare bits and odd characters; a handle is the one text that was made.
      const exact = `${Buffer.from(payload).toString("base64url")}.${given.toString("base64url")}`;
      if (!isOurs || exact !== handle) return null;
      const dot = payload.indexOf(".");
      return Number(payload.slice(0, dot)) > nowSeconds() ? payload.slice(dot + 1) : null;
    },
  };
}
