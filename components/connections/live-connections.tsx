"use client";

import { useLiveConnections } from "#components/connections/use-live-connections.ts";

/** Keeps a server-rendered view of connections true; shows nothing itself. */
export function LiveConnections() {
  useLiveConnections();
  return null;
}
