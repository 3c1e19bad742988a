/** Counts how often some bytes stand in a body that comes in pieces, wherever it is cut. */
export type MarkCount = {
  next(chunk: Buffer): void;
  readonly count: number;
};

/** @param mark - one that does not begin as it ends: no two of it overlap */
export function createMarkCount(mark: string): MarkCount {
  const needle = Buffer.from(mark);
  let held = Buffer.alloc(0);
  let count = 0;
  const countIn = (bytes: Buffer): void => {
    for (
      let at = bytes.indexOf(needle);
      at !== -1;
      at = bytes.indexOf(needle, at + needle.byteLength)
    ) {
      count += 1;
    }
  };
  return {
    next(chunk) {
      const most = needle.byteLength - 1;
      // Only what a cut may have parted: the end of the last piece with the beginning of this one.
      if (held.byteLength > 0) countIn(Buffer.concat([held, chunk.subarray(0, most)]));
      countIn(chunk);
      const ended = chunk.byteLength >= most ? chunk : Buffer.concat([held, chunk]);
      held = most === 0 ? held : Buffer.from(ended.subarray(-most));
    },
    get count() {
      return count;
    },
  };
}
