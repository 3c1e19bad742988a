const everyMs = 500;
const tries = 20;
/** As the plain client says it, without a code. */
const tooSlow = /connection timeout|timeout exceeded when trying to connect/i;

/**
 * Does what needs the database at the start of a process, and tries again while a connection takes longer
 * than it may: a machine that starts everything at once is slow, not broken. Any other failure ends it at
 * once, a database that refuses or is not there among them.
 */
export async function whenReachable<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      const isTooSlow = error instanceof Error && tooSlow.test(error.message);
      if (!isTooSlow || tried === tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
