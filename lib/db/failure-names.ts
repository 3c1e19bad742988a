const deepest = 6;

/**
 * What a failure is called by PostgreSQL, by its driver, by Prisma and by Node's sockets, with all that
 * caused it. Of a raw query Prisma itself says only that it failed; the rest is what the driver told it.
 */
export function failureNamesOf(error: unknown): string[] {
  const names: string[] = [];
  for (let at: unknown = error, depth = 0; isObject(at) && depth < deepest; depth += 1) {
    const { code, originalCode, kind, meta, cause } = at;
    const inner = isObject(meta) ? meta : {};
    for (const name of [code, originalCode, kind, inner.code]) {
      if (typeof name === "string") names.push(name);
    }
    at = inner.driverAdapterError ?? cause;
  }
  return names;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
