export type DiffPart = { text: string; isChanged: boolean };
export type WordDiff = { before: DiffPart[]; after: DiffPart[] };

/** Beyond this, what lies between the common ends counts as changed whole. */
const TOKENS_AT_MOST = 600;

const tokensOf = (text: string) => text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];

/** Which words of two texts differ: the longest common run of words, spaces and signs stays. */
export function wordDiff(before: string, after: string): WordDiff {
  const [a, b] = [tokensOf(before), tokensOf(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (
    end < a.length - start &&
    end < b.length - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  )
    end++;
  const middleA = a.slice(start, a.length - end);
  const middleB = b.slice(start, b.length - end);
  const kept = keptOf(middleA, middleB);
  const parts = (tokens: string[], middle: string[], keeps: ReadonlySet<number>): DiffPart[] =>
    joined([
      ...tokens.slice(0, start).map((text) => ({ text, isChanged: false })),
      ...middle.map((text, at) => ({ text, isChanged: !keeps.has(at) })),
      ...tokens.slice(tokens.length - end).map((text) => ({ text, isChanged: false })),
    ]);
  return { before: parts(a, middleA, kept.a), after: parts(b, middleB, kept.b) };
}

/** Where the longest common subsequence stands in each. */
function keptOf(a: readonly string[], b: readonly string[]) {
  const kept = { a: new Set<number>(), b: new Set<number>() };
  if (a.length > TOKENS_AT_MOST || b.length > TOKENS_AT_MOST) return kept;
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      kept.a.add(i++);
      kept.b.add(j++);
    } else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return kept;
}

function joined(parts: readonly DiffPart[]): DiffPart[] {
  const found: DiffPart[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (last?.isChanged === part.isChanged) last.text += part.text;
    else found.push({ ...part });
  }
  return found;
}
