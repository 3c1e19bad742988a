"use client";

import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import { Badge } from "#components/ui/badge.tsx";

/** What this person has opened of one version of a plan; each is opened once and then counts. */
export type Opened = {
  has(key: string): boolean;
  open(key: string): void;
  subscribe(listener: () => void): () => void;
  /** Changes with every opening. */
  count(): number;
};

export function createOpened(): Opened {
  const keys = new Set<string>();
  const listeners = new Set<() => void>();
  return {
    has: (key) => keys.has(key),
    open(key) {
      if (keys.has(key)) return;
      keys.add(key);
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    count: () => keys.size,
  };
}

const OpenedContext = createContext<Opened>(createOpened());
const AskedContext = createContext(false);

/** @param props.asks - this person is about to approve: what is long says that it must be opened */
export function OpenedProvider({ asks, children }: { asks: boolean; children: ReactNode }) {
  const [opened] = useState(createOpened);
  return (
    <OpenedContext value={opened}>
      <AskedContext value={asks}>{children}</AskedContext>
    </OpenedContext>
  );
}

/** Beside what has to be opened, as long as it was not. */
export function OpenFirst({ isOpened }: { isOpened: boolean }) {
  const asks = useContext(AskedContext);
  return asks && !isOpened ? <Badge tone="warn">Open before approving</Badge> : null;
}

/** The record itself, told of each opening. */
export function useOpened(): Opened {
  const opened = useContext(OpenedContext);
  useSyncExternalStore(opened.subscribe, opened.count, opened.count);
  return opened;
}

/** Whether one thing was opened; only whoever shows it is told of it. */
export function useIsOpened(key: string): [isOpened: boolean, open: () => void] {
  const opened = useContext(OpenedContext);
  const isOpened = useSyncExternalStore(
    opened.subscribe,
    () => opened.has(key),
    () => false,
  );
  return [isOpened, () => opened.open(key)];
}
