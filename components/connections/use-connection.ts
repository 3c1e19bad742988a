"use client";

import { useQuery } from "@tanstack/react-query";
import { connectionOptions } from "#components/connections/detail-queries.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";

/** The connection as it is now; at first as the server rendered it. */
export function useConnection(initial: ConnectionJson): ConnectionJson {
  return useQuery(connectionOptions(initial.id)).data ?? initial;
}
