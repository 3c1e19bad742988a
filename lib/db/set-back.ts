const setBackCodes = new Set(["40001", "40P01", "P2034"]);

/** True where the database chose this transaction to end a deadlock or a conflict: it may be made anew. */
export function isSetBack(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code, meta } = one as { code?: unknown; meta?: { code?: unknown } };
    if (setBackCodes.has(String(code)) || setBackCodes.has(String(meta?.code))) return true;
  }
  return false;
}
