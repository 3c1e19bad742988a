"use client";

import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";

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

export function OpenedProvider({ children }: { children: ReactNode }) {
  const [opened] = useState(createOpened);
  return <OpenedContext value={opened}>{children}</OpenedContext>;
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
