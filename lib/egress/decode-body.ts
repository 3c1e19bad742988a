import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw } from "node:zlib";
import type { EgressFailureKind } from "#lib/egress/errors.ts";

const decoders = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
  zlib: promisify(inflate),
  raw: promisify(inflateRaw),
};

export const acceptedEncodings = "gzip, br, deflate";

export type DecodedBody = { ok: true; body: Buffer } | { ok: false; kind: EgressFailureKind };

/** Some servers send `deflate` without the zlib header that RFC 9110 §8.4.1.2 asks for. */
function deflateForm(body: Buffer): "zlib" | "raw" {
  const [first = 0, second = 0] = body;
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0 ? "zlib" : "raw";
}

/** Undoes one content encoding, never beyond `maxBytes` (NET-5). Layers of encodings are refused. */
export async function decodeBody(
  body: Buffer,
  contentEncoding: string,
  maxBytes: number,
): Promise<DecodedBody> {
  const encoding = contentEncoding.trim().toLowerCase();
  if (encoding === "" || encoding === "identity" || body.byteLength === 0) {
    return { ok: true, body };
  }
  const names = { gzip: "gzip", "x-gzip": "gzip", br: "br", deflate: deflateForm(body) } as const;
  if (!Object.hasOwn(names, encoding)) return { ok: false, kind: "bad_encoding" };
  const decode = decoders[names[encoding as keyof typeof names]];
  try {
    return { ok: true, body: await decode(body, { maxOutputLength: maxBytes }) };
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    return { ok: false, kind: isTooLarge ? "too_large" : "bad_encoding" };
  }
}
