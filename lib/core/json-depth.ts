/** No input of ours is nested nearly as deeply; whoever walks one does so by calling itself. */
const MAX_DEPTH = 128;

/** Is this JSON shallow enough to be walked? */
export const isShallow = (value: unknown): boolean => isWithin(value, MAX_DEPTH);

function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isWithin(inner, depth - 1));
}
