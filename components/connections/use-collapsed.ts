"use client";

import { useSyncExternalStore } from "react";

const KEY = "studio.collapsed-groups";
const CHANGED = "studio:collapsed-groups";
const MOST = 500;
const none: readonly string[] = [];

let last: { text: string | null; keys: readonly string[] } = { text: null, keys: none };

function read(): readonly string[] {
  const text = storage()?.getItem(KEY) ?? null;
  if (text !== last.text) last = { text, keys: parsed(text) };
  return last.keys;
}

function parsed(text: string | null): readonly string[] {
  try {
    const keys: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(keys) ? keys.filter((key) => typeof key === "string").slice(-MOST) : none;
  } catch {
    return none;
  }
}

/** A browser may refuse its storage altogether: then groups open again on the next page. */
function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function subscribe(heard: () => void): () => void {
  window.addEventListener("storage", heard);
  window.addEventListener(CHANGED, heard);
  return () => {
    window.removeEventListener("storage", heard);
    window.removeEventListener(CHANGED, heard);
  };
}

/** Which groups this browser keeps folded, over pages and days, and how to fold one. */
export function useCollapsed(): {
  collapsed: readonly string[];
  toggle: (key: string) => void;
} {
  const collapsed = useSyncExternalStore(subscribe, read, () => none);
  return {
    collapsed,
    toggle(key) {
      const rest = collapsed.filter((one) => one !== key);
      const next = rest.length < collapsed.length ? rest : [...rest, key].slice(-MOST);
      storage()?.setItem(KEY, JSON.stringify(next));
      window.dispatchEvent(new Event(CHANGED));
    },
  };
}
