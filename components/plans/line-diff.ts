export type DiffLine = { kind: "same" | "removed" | "added"; text: string };
export type DiffHunk =
  | { kind: "lines"; lines: DiffLine[] }
  | { kind: "fold"; count: number; lines: DiffLine[] };

/** Lines around a change that stay in sight. */
const AROUND = 3;
/** How different the middle may be before it counts as replaced whole; bounds time and memory. */
const EDITS_AT_MOST = 1_000;
/** A longer line is broken where one tag ends and the next begins: mail is often written without breaks. */
const LONG_LINE = 240;

export function linesOf(text: string, kind: "html" | "json" | "text"): string[] {
  const lines = (kind === "json" ? prettyJson(text) : text).split(/\r?\n/);
  return kind === "html"
    ? lines.flatMap((line) => (line.length > LONG_LINE ? line.split(/(?<=>)(?=<)/) : [line]))
    : lines;
}

const jsonToken = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const MAX_INDENT = 64;

/**
 * JSON set out in lines. Every token of it stays: a name that is given twice stands there twice, and a number
 * has all its digits, for whoever gets the text may read it otherwise than we do (PLN-9).
 */
function prettyJson(text: string): string {
  if (!isJson(text)) return text;
  let out = "";
  let depth = 0;
  let before = "";
  for (const [token] of text.matchAll(jsonToken)) {
    const isEnd = token === "}" || token === "]";
    if (isEnd) depth -= 1;
    const opensAnew = before === "{" || before === "[" || before === ",";
    const isEmpty = isEnd && (before === "{" || before === "[");
    if ((opensAnew || isEnd) && !isEmpty) out += `\n${"  ".repeat(Math.min(depth, MAX_INDENT))}`;
    // Escapes are spelled out: they could hide what stands there.
    out += token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : token;
    if (token === ":") out += " ";
    if (token === "{" || token === "[") depth += 1;
    before = token;
  }
  return out;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Which lines went and came; every line of both is in it, in order. */
export function lineDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end++;
  const same = (lines: readonly string[]) =>
    lines.map((text): DiffLine => ({ kind: "same", text }));
  return [
    ...same(before.slice(0, start)),
    ...shortestEdit(
      before.slice(start, before.length - end),
      after.slice(start, after.length - end),
    ),
    ...same(before.slice(before.length - end)),
  ];
}

/** Myers' shortest edit script, up to so many edits. @see https://doi.org/10.1007/BF01840446 */
function shortestEdit(a: readonly string[], b: readonly string[]): DiffLine[] {
  const most = Math.min(a.length + b.length, EDITS_AT_MOST);
  const trace: Map<number, number>[] = [];
  let furthest = new Map<number, number>([[1, 0]]);
  const reach = (k: number) => furthest.get(k) ?? -1;
  for (let edits = 0; edits <= most; edits++) {
    trace.push(new Map(furthest));
    for (let k = -edits; k <= edits; k += 2) {
      const isDown = k === -edits || (k !== edits && reach(k - 1) < reach(k + 1));
      let x = isDown ? reach(k + 1) : reach(k - 1) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      furthest.set(k, x);
      if (x >= a.length && y >= b.length) return backtrack(trace, a, b);
    }
    furthest = new Map(furthest);
  }
  return [
    ...a.map((text): DiffLine => ({ kind: "removed", text })),
    ...b.map((text): DiffLine => ({ kind: "added", text })),
  ];
}

function backtrack(
  trace: readonly Map<number, number>[],
  a: readonly string[],
  b: readonly string[],
): DiffLine[] {
  const lines: DiffLine[] = [];
  let [x, y] = [a.length, b.length];
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const reached = trace[edits] ?? new Map<number, number>();
    const reach = (k: number) => reached.get(k) ?? -1;
    const k = x - y;
    const isDown = k === -edits || (k !== edits && reach(k - 1) < reach(k + 1));
    const fromX = edits === 0 ? 0 : isDown ? reach(k + 1) : reach(k - 1);
    const fromY = edits === 0 ? 0 : fromX - (isDown ? k + 1 : k - 1);
    while (x > fromX && y > fromY) {
      lines.push({ kind: "same", text: a[--x] ?? "" });
      y--;
    }
    if (edits === 0) break;
    if (isDown) lines.push({ kind: "added", text: b[--y] ?? "" });
    else lines.push({ kind: "removed", text: a[--x] ?? "" });
  }
  return lines.reverse();
}

/** What did not change, further than a few lines from what did, is folded; nothing is left out. */
export function hunksOf(lines: readonly DiffLine[]): DiffHunk[] {
  const isNear = new Array<boolean>(lines.length).fill(false);
  for (const [at, { kind }] of lines.entries()) {
    if (kind === "same") continue;
    for (
      let near = Math.max(0, at - AROUND);
      near <= Math.min(lines.length - 1, at + AROUND);
      near++
    )
      isNear[near] = true;
  }
  const hunks: DiffHunk[] = [];
  for (const [at, line] of lines.entries()) {
    const kind = isNear[at] ? "lines" : "fold";
    let last = hunks.at(-1);
    if (last?.kind !== kind) {
      last = kind === "lines" ? { kind, lines: [] } : { kind, count: 0, lines: [] };
      hunks.push(last);
    }
    last.lines.push(line);
    if (last.kind === "fold") last.count++;
  }
  return hunks;
}
