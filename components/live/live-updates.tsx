"use client";

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { startLive } from "#components/live/live-source.ts";
import { publish } from "#components/live/live-state.ts";
import type { LiveChanges, LiveKind } from "#lib/live/schema.ts";

/** What came while a view was being read again waits this long: a busy plan changes many times a second. */
const GATHER_MS = 200;

/** The beginnings of the query keys that hold something of each kind; with the id where one is of it alone. */
const keysOf: Record<LiveKind, (id: string) => readonly (readonly string[])[]> = {
  plan: (id) => [["plans", "list"], ["plans", "one", id], ["inbox"]],
  request: () => [["requests"], ["inbox"]],
  agent: () => [["agents"], ["inbox"]],
  calls: (id) => [["calls", id]],
  // A plan says where its owner has to sign in again.
  connection: () => [["connections"], ["plans", "one"]],
};
const keysOfAll = [["plans"], ["requests"], ["inbox"], ["agents"], ["calls"], ["connections"]];

/** Keeps what this page shows true, as anybody changes it on any instance; shows nothing itself. */
export function LiveUpdates({ teamId }: { teamId: string }) {
  const queries = useQueryClient();
  useEffect(() => {
    const gathered = gather(queries);
    const stop = startLive(`studio-live-${teamId}`, (news) => {
      publish(news);
      if ("changes" in news) gathered.add(news.changes);
    });
    return () => {
      stop();
      gathered.drop();
    };
  }, [queries, teamId]);
  return null;
}

function gather(queries: QueryClient) {
  const waiting = new Map<string, readonly string[]>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    const keys = [...waiting.values()];
    waiting.clear();
    for (const queryKey of keys) void queries.invalidateQueries({ queryKey: [...queryKey] });
  };
  return {
    add(changes: LiveChanges) {
      const keys =
        changes === "all" ? keysOfAll : changes.flatMap(({ kind, id }) => keysOf[kind](id));
      for (const key of keys) waiting.set(key.join(" "), key);
      timer ??= setTimeout(flush, GATHER_MS);
    },
    drop: () => clearTimeout(timer),
  };
}
