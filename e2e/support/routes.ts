import { readFileSync } from "node:fs";
import { raw } from "./raw.ts";

/** Ids of things that exist, for the routes that name one. */
export type Ids = {
  agentId: string;
  keyId: string;
  connectionId: string;
  /** A connection of Marketing Cloud: only those have business units. */
  unitsConnectionId: string;
  flowId: string;
  grantId: string;
  sessionId: string;
  factorId: string;
  identityId: string;
  domainId: string;
  userId: string;
  teamId: string;
  invitationId: string;
  revocationId: string;
  leaseId: string;
  requestId: string;
  planId: string;
  /** Of one of its steps. */
  position: string;
  approvalId: string;
  /** Of an invitation's link. */
  token: string;
};

export type Route = { kind: "page" | "route"; pattern: string; path: string };

const withoutSignIn = new Set([
  "/sign-in/link",
  "/setup",
  "/sign-in",
  "/invite/[token]",
  "/docs/[[...slug]]",
  "/_not-found",
  "/_global-error",
  "/sign-in/second-step",
]);

/** Every route of the build, with its ids filled in: a new route is covered without being listed. */
export function routesOfBuild(ids: Ids): Route[] {
  const manifest = JSON.parse(
    readFileSync(".next/app-path-routes-manifest.json", "utf8"),
  ) as Record<string, string>;
  return Object.entries(manifest)
    .filter(([, pattern]) => !pattern.startsWith("/_") && !/\.\w+$/.test(pattern))
    .map(([file, pattern]) => ({
      kind: file.endsWith("/page") ? "page" : "route",
      pattern,
      path: pattern
        .replace("[...nextauth]", "session")
        .replace("/[[...slug]]", "/operating")
        .replace("[operationId]", "marketing-cloud.data-extensions.list")
        .replace("[connectionId]/business-units", `${ids.unitsConnectionId}/business-units`)
        .replace(/\[(\w+)\]/g, (whole, name: string) => {
          const id = ids[name as keyof Ids];
          if (id === undefined) throw new Error(`${pattern}: give ${whole} an id here`);
          return id;
        }),
    }));
}

export const pagesBehindSignIn = (routes: readonly Route[]) =>
  routes.filter(({ kind, pattern }) => kind === "page" && !withoutSignIn.has(pattern));
export const jsonRoutes = (routes: readonly Route[]) =>
  routes.filter(({ kind, pattern }) => kind === "route" && pattern.startsWith("/api/"));

/** The methods that a route handler of the build takes, by its own word. */
export async function methodsOf(path: string): Promise<string[]> {
  const { headers } = await raw(path, { method: "OPTIONS" });
  return (headers.allow ?? "").split(/,\s*/).filter(Boolean);
}
