/** Works on many, so many at once; one that fails keeps no other from its turn. */
export async function eachAtOnce<T>(
  most: number,
  signal: AbortSignal | undefined,
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const inWork = new Set<Promise<void>>();
  for await (const item of items) {
    if (signal?.aborted) break;
    const one: Promise<void> = work(item)
      .then(
        () => {},
        () => {},
      )
      .finally(() => inWork.delete(one));
    inWork.add(one);
    if (inWork.size >= most) await Promise.race(inWork);
  }
  await Promise.all(inWork);
}

/** Page after page, each from the last one of the page before, until one is empty. */
export async function* pagesOf<T>(
  pageAfter: (last: T | null) => Promise<readonly T[]>,
): AsyncGenerator<T> {
  for (let last: T | null = null; ; ) {
    const page: readonly T[] = await pageAfter(last);
    yield* page;
    const end = page.at(-1);
    if (end === undefined) return;
    last = end;
  }
}
