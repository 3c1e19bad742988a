import type { Anchor } from "#lib/audit/anchors.ts";
import {
  type ChainedEvent,
  type ChainHead,
  type ChainKey,
  genesisHash,
  hashOfEvent,
  instanceChain,
  isSameHash,
} from "#lib/audit/chain.ts";
import { countOfChain, findHead, pageOfChain } from "#lib/audit/chain-repository.ts";
import type { Database } from "#lib/db/client.ts";

const PAGE_SIZE = 1_000;

/**
 * What is wrong at the first bad event.
 * - `altered`: its content is not what was sealed, or it never was
 * - `out_of_place`: it does not follow the event before it: moved, inserted, or that one was replaced
 * - `missing`: it was removed; there are later ones
 * - `cut`: it and all after it were removed, as the head or an anchor tells
 * - `beyond_head`: behind the end that the studio noted
 * - `head_missing`, `head_differs`: the note of the chain's end was removed or rewritten
 * - `anchor_differs`: not the event that was noted outside the database
 * - `unknown_key`: sealed with a key that is not given
 */
export type ChainProblem =
  | "altered"
  | "out_of_place"
  | "missing"
  | "cut"
  | "beyond_head"
  | "head_missing"
  | "head_differs"
  | "anchor_differs"
  | "unknown_key";

export type ChainReport = {
  chainId: string;
  /** Events found good, from the first on. */
  checked: number;
  firstBad: { sequence: bigint; eventId: string | null; problem: ChainProblem } | null;
};

type Keys = ReadonlyMap<string, ChainKey>;

/**
 * Recomputes one chain from its first event and names the first bad one (AUD-4). Reads page by page,
 * beside writers; memory does not grow with the chain.
 *
 * @param keys - by their id; events under any of them are judged
 * @param anchors - of this chain, from outside the database
 */
export async function verifyChain(
  deps: { db: Database; keys: Keys },
  chainId: string,
  anchors: readonly Anchor[],
): Promise<ChainReport> {
  const anchored = new Map(anchors.map((anchor) => [anchor.sequence, anchor]));
  let checked = 0;
  let last: ChainedEvent | null = null;
  const bad = (sequence: bigint, problem: ChainProblem, eventId: string | null = null) => ({
    chainId,
    checked,
    firstBad: { sequence, eventId, problem },
  });
  for (;;) {
    const page: ChainedEvent[] = await pageOfChain(deps.db, chainId, {
      after: last?.sequence ?? null,
      limit: PAGE_SIZE,
    });
    for (const event of page) {
      const expected: bigint = (last?.sequence ?? 0n) + 1n;
      if (event.sequence > expected) return bad(expected, "missing");
      const problem = problemOf(deps.keys, last, event, anchored.get(event.sequence));
      if (problem) return bad(event.sequence, problem, event.id);
      last = event;
      checked += 1;
    }
    if (page.length > 0) continue;
    // The head is read after the events: what was written meanwhile is looked at before it is judged.
    const head = await findHead(deps.db, chainId);
    if (head && head.sequence > (last?.sequence ?? 0n)) {
      const more = await pageOfChain(deps.db, chainId, { after: last?.sequence ?? null, limit: 1 });
      if (more.length > 0) continue;
    }
    const end = endOf(last, head, anchors);
    if (end) return bad(end.sequence, end.problem, end.eventId);
    // A second event of one number can hide at the edge of a page.
    const isMore = (await countOfChain(deps.db, chainId)) > checked;
    const isNew = (await findHead(deps.db, chainId))?.sequence !== head?.sequence;
    if (isNew) continue;
    return isMore
      ? bad(last?.sequence ?? 1n, "out_of_place")
      : { chainId, checked, firstBad: null };
  }
}

function problemOf(
  keys: Keys,
  before: ChainedEvent | null,
  event: ChainedEvent,
  anchor: Anchor | undefined,
): ChainProblem | null {
  if (event.sequence !== (before?.sequence ?? 0n) + 1n) return "out_of_place";
  const key = keys.get(event.keyId);
  if (!key) return "unknown_key";
  const previousHash = before?.hash ?? genesisHash(key, event.teamId ?? instanceChain);
  if (!isSameHash(previousHash, event.previousHash)) return "out_of_place";
  if (!isSameHash(hashOfEvent(key, event), event.hash)) return "altered";
  return anchor && !isSameHash(anchor.hash, event.hash) ? "anchor_differs" : null;
}

function endOf(
  last: ChainedEvent | null,
  head: ChainHead | null,
  anchors: readonly Anchor[],
): { sequence: bigint; problem: ChainProblem; eventId: string | null } | null {
  const end = last?.sequence ?? 0n;
  const eventId = last?.id ?? null;
  if (anchors.some((anchor) => anchor.sequence > end) || (head && head.sequence > end)) {
    return { sequence: end + 1n, problem: "cut", eventId: null };
  }
  if (!last) return null;
  if (!head) return { sequence: end, problem: "head_missing", eventId };
  if (head.sequence < end) {
    return { sequence: head.sequence + 1n, problem: "beyond_head", eventId: null };
  }
  return isSameHash(head.hash, last.hash)
    ? null
    : { sequence: end, problem: "head_differs", eventId };
}
