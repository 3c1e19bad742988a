import type { Readable } from "node:stream";
import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";
import { readAhead } from "#lib/broker/read-ahead.ts";

/** A call's body as it came. */
export type ComingBody =
  | {
      kind: "coming";
      stream: Readable;
      /** As announced; null where it comes in chunks. */
      bytes: number | null;
      /** Told before the first byte is read: some clients wait to be asked for it. */
      begin(): void;
    }
  | { kind: "read"; bytes: Buffer };

/** A call's body as it is sent on: what is whole can be judged, and sent again. */
export type CallBody =
  | { kind: "none" }
  | { kind: "whole"; bytes: Buffer }
  | { kind: "streamed"; stream: Readable; bytes: number | null };

/** Bodies that only their content can judge: composite calls, GraphQL, SOAP. */
const maxJudgedBytes = 8 * 1024 * 1024;
/** Of an envelope that brings its credential inside, this much is read before that is believed. */
const maxUnprovenBytes = 64 * 1024;
/** Bodies that are kept to be sent a second time. */
const maxKeptBytes = 256 * 1024;
/** Salesforce takes files of 2 GB in parts; one request of its bulk data holds at most 150 MB. */
export const maxRequestBytes = 150 * 1024 * 1024;

/** How long a body that is judged will be: as announced, or as long as it may be. */
export function comingBytes(coming: ComingBody | null): number {
  if (coming === null) return 0;
  if (coming.kind === "read") return coming.bytes.byteLength;
  return Math.min(coming.bytes ?? maxJudgedBytes, maxJudgedBytes);
}

/**
 * What a body begins with, and the body to be read after that.
 *
 * @throws {ProxyRefusedError} it broke off
 */
export async function readBeginning(
  coming: ComingBody & { kind: "coming" },
): Promise<{ beginning: Buffer; body: ComingBody }> {
  coming.begin();
  const { bytes, isWhole } = await readAhead(coming.stream, maxUnprovenBytes).catch(brokenOff);
  const body: ComingBody = isWhole ? { kind: "read", bytes } : { ...coming, begin: () => {} };
  return { beginning: bytes, body };
}

/**
 * Reads a body as far as it must be read: whole where only it tells what the call does, else as much as
 * is kept for a second try. The rest goes on as it comes.
 *
 * @throws {ProxyRefusedError} over its limit, or it broke off
 */
export async function readCallBody(
  coming: ComingBody | null,
  isJudged: boolean,
): Promise<CallBody> {
  if (coming === null) return { kind: "none" };
  if (coming.kind === "read") return { kind: "whole", bytes: coming.bytes };
  const limit = isJudged ? maxJudgedBytes : maxRequestBytes;
  if ((coming.bytes ?? 0) > limit) throw new ProxyRefusedError("broker.body_too_large");
  const { stream, bytes } = coming;
  coming.begin();
  if (!isJudged && bytes !== null && bytes > maxKeptBytes) {
    return { kind: "streamed", stream, bytes };
  }
  const read = await readAhead(stream, isJudged ? maxJudgedBytes : maxKeptBytes).catch(brokenOff);
  if (read.isWhole) return { kind: "whole", bytes: read.bytes };
  if (isJudged) throw new ProxyRefusedError("broker.body_too_large");
  return { kind: "streamed", stream, bytes };
}

function brokenOff(cause: unknown): never {
  throw new ProxyRefusedError("broker.body_broken", { cause });
}
