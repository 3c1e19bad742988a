/**
 * Rejects after `ms`, in which what has arrived meanwhile is heard first: a process that was paused finds
 * its answer before its time is up.
 */
export function inTime(ms: number, message: string): { promise: Promise<never>; clear(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const timer = setTimeout(() => setImmediate(() => reject(new Error(message))), ms);
  return { promise, clear: () => clearTimeout(timer) };
}

/** @throws {Error} `work` took longer; it goes on unheard */
export async function within<T>(ms: number, message: string, work: Promise<T>): Promise<T> {
  const limit = inTime(ms, message);
  try {
    return await Promise.race([work, limit.promise]);
  } finally {
    limit.clear();
  }
}
