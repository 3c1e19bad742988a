import { useSyncExternalStore } from "react";

const KEY = "studio-single-keys";
const CHANGED = "studio-single-keys-changed";

/** Single-letter shortcuts are on unless this browser's owner turned them off. */
export function areSingleKeysOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    // Storage may be closed to us; then nobody can have turned them off.
    return true;
  }
}

export function turnSingleKeys(isOn: boolean): void {
  try {
    if (isOn) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, "off");
  } catch {
    // Stays for this page only; nothing else depends on it.
  }
  window.dispatchEvent(new Event(CHANGED));
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore(
    (changed) => {
      window.addEventListener(CHANGED, changed);
      window.addEventListener("storage", changed);
      return () => {
        window.removeEventListener(CHANGED, changed);
        window.removeEventListener("storage", changed);
      };
    },
    areSingleKeysOn,
    () => true,
  );
}
