import { Readable, Transform } from "node:stream";
import type { EgressFailureKind } from "#lib/egress/errors.ts";

/** A request's body on its way: whole, or a stream that ends within its cap. */
export type CappedBody = {
  whole: Buffer | null;
  source: Readable | null;
  /** Lets go of the caller's stream, which stays the caller's to end. */
  stop(): void;
};

/**
 * Puts a cap on a body that is still coming. Whoever sends it is not cut off: what is left of it is
 * simply not read, so that there is still somebody to answer.
 */
export function capBody(
  body: string | Uint8Array | Readable | undefined,
  maxBytes: number,
  onFailure: (kind: EgressFailureKind, cause?: unknown) => void,
): CappedBody {
  if (!(body instanceof Readable)) {
    return { whole: body === undefined ? null : Buffer.from(body), source: null, stop: () => {} };
  }
  let bytes = 0;
  const capped = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      if (bytes <= maxBytes) done(null, chunk);
      else onFailure("request_too_large");
    },
  });
  const stop = () => {
    body.unpipe(capped);
    body.off("close", onClose);
    body.off("error", onError);
    if (!capped.destroyed) capped.destroy();
  };
  const onClose = () => {
    if (!body.readableEnded) onFailure("request_cut");
  };
  const onError = (error: Error) => onFailure("request_cut", error);
  capped.on("error", () => {}); // said by the call itself
  body.once("close", onClose).once("error", onError).pipe(capped);
  return { whole: null, source: capped, stop };
}
