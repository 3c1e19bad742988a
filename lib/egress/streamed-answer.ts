import { Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { EgressError, EgressFailureKind } from "#lib/egress/errors.ts";
import type { Flow, GiveUp } from "#lib/egress/exchange.ts";

/**
 * An answer's body as it comes. It reads no faster than it is read, and destroying it gives the call
 * up at once.
 */
export class AnswerBody extends Readable {
  readonly #flow: Flow;
  readonly #giveUp: GiveUp;
  #isPaused = false;

  constructor(flow: Flow, giveUp: GiveUp) {
    super({ autoDestroy: true });
    this.#flow = flow;
    this.#giveUp = giveUp;
    // It may end with an error before anybody reads: whoever then does, is told.
    this.on("error", () => {});
  }

  arrived(chunk: Buffer): void {
    if (this.push(chunk) || this.#isPaused) return;
    this.#isPaused = true;
    this.#flow.pause();
  }

  finish(): void {
    this.push(null);
  }

  override _read(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#flow.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // Nothing to give up where the answer ended by itself.
    this.#giveUp("cut", error ?? undefined);
    done(error);
  }
}

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  br: createBrotliDecompress,
  deflate: createInflate,
};

export type Decoded =
  | { ok: true; body: Readable; isDecoded: boolean }
  | { ok: false; kind: EgressFailureKind };

/**
 * Undoes one content encoding of a stream that asked for none, never beyond `maxBytes` (NET-5).
 *
 * @param failure - makes the error that the reader gets
 */
export function decodeStream(
  body: Readable,
  contentEncoding: string,
  maxBytes: number,
  failure: (kind: EgressFailureKind, cause?: unknown) => EgressError,
): Decoded {
  const encoding = contentEncoding.trim().toLowerCase();
  if (encoding === "" || encoding === "identity") return { ok: true, body, isDecoded: false };
  const make = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  if (!make) return { ok: false, kind: "bad_encoding" };
  const decoder = make();
  let bytes = 0;
  const decoded = new Readable({
    read: () => void decoder.resume(),
    destroy: (error, done) => {
      decoder.destroy();
      body.destroy(error ?? undefined);
      done(error);
    },
  });
  decoded.on("error", () => {});
  body.on("error", (error) => decoded.destroy(error));
  decoder.on("error", (error) => decoded.destroy(failure("bad_encoding", error)));
  decoder.on("data", (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) decoded.destroy(failure("too_large"));
    else if (!decoded.push(chunk)) decoder.pause();
  });
  decoder.on("end", () => decoded.push(null));
  body.pipe(decoder);
  return { ok: true, body: decoded, isDecoded: true };
}
