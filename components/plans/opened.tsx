"use client";

import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import type { Inspection } from "#components/plans/inspect-step.ts";
import { Badge } from "#components/ui/badge.tsx";

/** What this person has opened of one version of a plan; each is opened once and then counts. */
export type Opened = {
  has(key: string): boolean;
  open(key: string): void;
  subscribe(listener: () => void): () => void;
  /** What is in a step that came only when it was opened: it was not read with the others. */
  found(inspection: Inspection): void;
  foundIn(position: number): Inspection | undefined;
  /** Changes with every opening. */
  count(): number;
};

function createOpened(): Opened {
  const keys = new Set<string>();
  const inspections = new Map<number, Inspection>();
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  return {
    has: (key) => keys.has(key),
    open(key) {
      if (keys.has(key)) return;
      keys.add(key);
      tell();
    },
    found(inspection) {
      if (inspections.has(inspection.position)) return;
      inspections.set(inspection.position, inspection);
      tell();
    },
    foundIn: (position) => inspections.get(position),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    count: () => keys.size + inspections.size,
  };
}

export const OpenedContext = createContext<Opened>(createOpened());
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
