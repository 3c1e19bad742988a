import { appendFile, readFile, rename, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { type ChainHead, type ChainKey, isSameHash, toHex } from "#lib/audit/chain.ts";

/** The end of a chain as it was at some time, noted outside the database. */
export type Anchor = ChainHead & { readonly chainId: string };
type Keys = ReadonlyMap<string, ChainKey>;

/** Lines beside the newest of each chain that the file may hold. */
const MAX_OLDER_LINES = 4_000;
const OWNER_ONLY = 0o600;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const lineSchema = z.strictObject({
  at: z.iso.datetime(),
  chain: z.uuid(),
  sequence: z.string().regex(/^\d{1,19}$/),
  hash: hex,
  key: z.string(),
  mac: hex,
});
type Line = Omit<z.infer<typeof lineSchema>, "mac">;

const macOf = (key: ChainKey, line: Line) =>
  toHex(key.seal("anchor", [line.at, line.chain, line.sequence, line.hash, line.key]));

export const anchorFileIn = (dataDir: string) => path.join(dataDir, "audit-anchors.ndjson");

/**
 * The anchors of a file; none where it does not exist.
 *
 * @param keys - by id; a line under another key counts as bad
 * @returns `badLines`, numbers from 1 of lines that the studio did not write so; a last line that a
 *   crash left half written is neither
 */
export async function readAnchors(
  file: string,
  keys: Keys,
): Promise<{ anchors: Anchor[]; badLines: number[] }> {
  const lines = (await readIfThere(file)).split("\n");
  lines.pop(); // empty, or cut short
  const anchors: Anchor[] = [];
  const badLines: number[] = [];
  for (const [index, text] of lines.entries()) {
    if (text === "") continue;
    const anchor = parseLine(keys, text);
    if (anchor) anchors.push(anchor);
    else badLines.push(index + 1);
  }
  return { anchors, badLines };
}

/** Adds a line for each head; the file is its owner's alone. The lines are on the disk afterwards. */
export async function appendAnchors(
  file: string,
  key: ChainKey,
  at: Date,
  heads: readonly Anchor[],
): Promise<void> {
  const before = await readIfThere(file);
  const whole = before.slice(0, before.lastIndexOf("\n") + 1);
  // Half a line of a crash would spoil the one behind it.
  if (whole !== before) await truncate(file, Buffer.byteLength(whole));
  const text = heads.map((head) => toLine(key, at, head)).join("");
  await appendFile(file, text, { mode: OWNER_ONLY, flush: true });
}

/** Keeps the newest line of each chain once there are many older ones. */
export async function boundAnchors(file: string, keys: Keys): Promise<void> {
  const lines = (await readIfThere(file)).split("\n").filter((text) => text !== "");
  const newest = new Map<string, { sequence: bigint; text: string }>();
  for (const text of lines) {
    const anchor = parseLine(keys, text);
    if (!anchor) return; // what is not ours is for a person to look at
    const held = newest.get(anchor.chainId);
    if (!held || held.sequence <= anchor.sequence) {
      newest.set(anchor.chainId, { sequence: anchor.sequence, text });
    }
  }
  if (lines.length - newest.size <= MAX_OLDER_LINES) return;
  const kept = [...newest.values()].map(({ text }) => `${text}\n`).join("");
  await writeFile(`${file}.new`, kept, { mode: OWNER_ONLY, flush: true });
  await rename(`${file}.new`, file);
}

function toLine(key: ChainKey, at: Date, head: Anchor): string {
  const line: Line = {
    at: at.toISOString(),
    chain: head.chainId,
    sequence: head.sequence.toString(),
    hash: toHex(head.hash),
    key: key.id,
  };
  return `${JSON.stringify({ ...line, mac: macOf(key, line) })}\n`;
}

function parseLine(keys: Keys, text: string): Anchor | null {
  const { data } = lineSchema.safeParse(parseJson(text));
  const key = data && keys.get(data.key);
  if (!key || !isSameHash(Buffer.from(data.mac), Buffer.from(macOf(key, data)))) return null;
  return {
    chainId: data.chain,
    sequence: BigInt(data.sequence),
    hash: Uint8Array.from(Buffer.from(data.hash, "hex")),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
