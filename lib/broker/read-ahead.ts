import type { Readable } from "node:stream";

export type ReadAhead = {
  /** All of it, or its beginning. */
  bytes: Buffer;
  /** False: there is more, and the stream holds all of it, with these bytes put back. */
  isWhole: boolean;
};

/**
 * Reads a stream up to so many bytes. What is whole by then is kept and can be sent twice; of what is
 * longer nothing is lost.
 *
 * @throws {Error} the stream ended before its end
 */
export function readAhead(stream: Readable, maxBytes: number): Promise<ReadAhead> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadAhead>();
  const chunks: Buffer[] = [];
  let size = 0;
  const joined = () => (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
  const leave = () => {
    stream.off("data", onData).off("end", onEnd).off("error", onBroken).off("close", onBroken);
  };
  const onData = (chunk: Buffer) => {
    size += chunk.byteLength;
    chunks.push(chunk);
    if (size <= maxBytes) return;
    leave();
    stream.pause();
    const bytes = joined();
    stream.unshift(bytes);
    resolve({ bytes, isWhole: false });
  };
  const onEnd = () => {
    leave();
    resolve({ bytes: joined(), isWhole: true });
  };
  const onBroken = (error?: Error) => {
    leave();
    reject(error ?? new Error("the stream ended before its end"));
  };
  if (stream.errored) onBroken(stream.errored);
  else if (stream.readableEnded) onEnd();
  else if (stream.destroyed) onBroken();
  else {
    stream.on("data", onData).on("end", onEnd).on("error", onBroken).on("close", onBroken);
    stream.resume(); // somebody may have read ahead of it before
  }
  return promise;
}
