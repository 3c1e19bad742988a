import type { Route } from "next";
import type { FlowJson } from "#lib/grants/schema.ts";

const unitsPage = /^\/integrations\/[0-9a-f-]{36}\/business-units$/;

export const unitsPath = (connectionId: string) =>
  `/integrations/${connectionId}/business-units` as Route;

/**
 * Where a flow goes by itself once it has ended: back to the page that signs in to several business
 * units in a row. Null while it runs, or where the owner's word is wanted, or for any other flow.
 */
export function unitsReturn(flow: Pick<FlowJson, "id" | "state" | "returnTo">): Route | null {
  if (flow.state === "waiting" || flow.state === "needs_confirmation") return null;
  if (flow.returnTo === null || !unitsPage.test(flow.returnTo)) return null;
  return `${flow.returnTo}?flow=${flow.id}` as Route;
}
