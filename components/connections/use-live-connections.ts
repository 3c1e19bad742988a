"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Tabs tell each other here that a flow ended or a connection changed. */
const CHANNEL = "studio-connections";

/** A page hears its own channel; it knows already what it did itself. */
const ownPage = Math.random().toString(36);

/** Says to the other tabs of this studio that connections changed. */
export function announceConnectionsChanged(): void {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage({ type: "connections-changed", from: ownPage });
  channel.close();
}

/**
 * Asks everything about connections again when another tab says that they changed, and when the
 * window gets the focus back: the list through the query cache, cards and banner from the server.
 */
export function useLiveConnections(): void {
  const queries = useQueryClient();
  const router = useRouter();
  useEffect(() => {
    const refreshServerParts = () => {
      if (document.visibilityState === "visible") router.refresh();
    };
    document.addEventListener("visibilitychange", refreshServerParts);
    const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
    if (channel) {
      channel.onmessage = ({ data }: MessageEvent<{ from?: string } | null>) => {
        if (data?.from === ownPage) return;
        void queries.invalidateQueries({ queryKey: ["connections"] });
        router.refresh();
      };
    }
    return () => {
      document.removeEventListener("visibilitychange", refreshServerParts);
      channel?.close();
    };
  }, [queries, router]);
}
