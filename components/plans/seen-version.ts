import { useEffect, useState } from "react";

const KEY = "studio-plan-versions";
/** Plans whose version is remembered; the oldest are forgotten first. */
const PLANS_MOST = 100;

/** The version that was looked at last, and the one that had been looked at before that one. */
type Seen = { version: number; since: number | null };
type Stored = [id: string, seen: Seen][];

function readAll(): Map<string, Seen> {
  try {
    return new Map(JSON.parse(localStorage.getItem(KEY) ?? "[]") as Stored);
  } catch {
    // Closed to us, or not ours: then nothing was seen.
    return new Map();
  }
}

/** Notes that this version is before somebody's eyes. @returns the one they saw before; null: none */
function noteSeen(id: string, version: number): number | null {
  const all = readAll();
  const before = all.get(id);
  const since =
    before === undefined || before.version > version
      ? null
      : before.version === version
        ? before.since
        : before.version;
  all.delete(id);
  all.set(id, { version, since });
  try {
    localStorage.setItem(KEY, JSON.stringify([...all].slice(-PLANS_MOST)));
  } catch {
    // Then the studio says which version comes before this one.
  }
  return since;
}

/** The version of this plan that this browser showed before; undefined until that is known. */
export function useSeenBefore(id: string, version: number): number | null | undefined {
  const [seen, setSeen] = useState<{ version: number; since: number | null }>();
  useEffect(() => setSeen({ version, since: noteSeen(id, version) }), [id, version]);
  return seen?.version === version ? seen.since : undefined;
}
