/** A step of one version, as far as it takes to find it again in another. */
export type StepMark = {
  position: number;
  /** Of all that a person reads and a provider gets; the same in two versions where both are. */
  content: string;
  /** Of what it is done to: org, operation, address. */
  place: string;
  /** Of org and operation alone. */
  kind: string;
};

export type VersionChanges<T extends StepMark> = {
  /** In the later version, by position: the step before that it took the place of, or null where it is new. */
  changed: { position: number; was: number | null }[];
  /** Steps before that nothing took the place of. */
  removed: T[];
  /** Whether steps that stayed follow one another otherwise than before. */
  isReordered: boolean;
};

/**
 * What became of one version's steps in a later one. A step whose content is the same is the same step,
 * wherever it stands; of the others, those on the same record belong together, then those of one operation.
 */
export function versionChanges<T extends StepMark>(
  before: readonly T[],
  after: readonly StepMark[],
): VersionChanges<T> {
  const left = new Set(before);
  const wasOf = new Map<number, number>();
  const kept: number[] = [];
  for (const by of ["content", "place", "kind"] as const) {
    const waiting = Map.groupBy(left, (step) => step[by]);
    for (const step of after) {
      if (wasOf.has(step.position)) continue;
      const was = waiting.get(step[by])?.shift();
      if (was === undefined) continue;
      left.delete(was);
      wasOf.set(step.position, was.position);
      if (by === "content") kept.push(step.position);
    }
  }
  const isKept = new Set(kept);
  const order = kept.map((position) => wasOf.get(position) ?? 0);
  return {
    changed: after
      .filter(({ position }) => !isKept.has(position))
      .map(({ position }) => ({ position, was: wasOf.get(position) ?? null })),
    removed: [...left],
    isReordered: order.some((was, at) => at > 0 && was < (order[at - 1] ?? 0)),
  };
}
