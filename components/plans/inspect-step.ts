import { bytesOf, counted, grouped, sizeWords } from "#components/ui/amounts.ts";
import { countHidden } from "#components/ui/hidden-characters.ts";
import type { Change, Preview, StepJson } from "#lib/plans/schema.ts";

/** A longer text is folded, and has to be opened before approving (PLN-9). */
const LONG_TEXT = 1_200;
/** So many changes of a step are in sight before the rest is folded. */
export const CHANGES_IN_SIGHT = 8;
export const ROWS_IN_SIGHT = 6;

/** What somebody has to open before they can have seen it all. */
export type ToOpen = { key: string; position: number; words: string };

/** All that the approval has to say of a step, without the step. */
export type Inspection = {
  position: number;
  effect: StepJson["effect"];
  records: number;
  hiddenCharacters: number;
  sends: boolean;
  toOpen: readonly ToOpen[];
};

type Body = Preview["bodies"][number];

export const isLongBody = (body: Body): boolean =>
  Math.max(body.before?.length ?? 0, body.after?.length ?? 0) > LONG_TEXT;

/** "31 kB → 7 bytes": of what is there and of what would be; of the one where there is one. */
export function bodySize({ before, after }: Body): string {
  const [was, is] = [before, after].map((text) =>
    text === null ? null : sizeWords(bytesOf(text)),
  );
  if (was === null || is === null || was === is) return is ?? was ?? sizeWords(0);
  return `${was} → ${is}`;
}

/**
 * Whether the rows, which are all there, tell each change: new rows are shown as rows, and nothing twice.
 * Only where every change is a cell of a row with the change's own key in it.
 */
export function isToldByRows({ changes, rows }: Preview): boolean {
  if (rows === null || rows.sample.length !== rows.total || changes.length === 0) return false;
  const places = new Map(rows.columns.map((column, at) => [column, at]));
  return changes.every(({ subject, field, before, after }) => {
    const at = places.get(field);
    if (before !== null || after === null || at === undefined) return false;
    return rows.sample.some((row) => row[at] === after && row.includes(subject));
  });
}

export const bodyKey = (position: number, index: number) => `${position}/body/${index}`;
export const changesKey = (position: number) => `${position}/changes`;
export const requestKey = (position: number) => `${position}/request`;
export const rowsKey = (position: number) => `${position}/rows`;
export const stepKey = (position: number) => `${position}/whole`;

/**
 * The changes to be seen at once: one of each field first, so that no kind of change is under the fold,
 * then as they come.
 */
export function changesInSight(changes: readonly Change[]): readonly Change[] {
  if (changes.length <= CHANGES_IN_SIGHT) return changes;
  const firstOfField = new Map<string, Change>();
  for (const change of changes) {
    if (!firstOfField.has(change.field)) firstOfField.set(change.field, change);
  }
  const chosen = new Set([...firstOfField.values()].slice(0, CHANGES_IN_SIGHT));
  for (const change of changes) {
    if (chosen.size >= CHANGES_IN_SIGHT) break;
    chosen.add(change);
  }
  return changes.filter((change) => chosen.has(change));
}

/** What the folded changes have in common: the same field to the same value, or not. */
export function foldOf(changes: readonly Change[]): {
  hidden: number;
  /** Null where they differ among each other or from what is in sight. */
  same: { field: string; after: string | null } | null;
} {
  const inSight = new Set(changesInSight(changes));
  const folded = changes.filter((change) => !inSight.has(change));
  const [first] = folded;
  const isSame =
    first !== undefined &&
    folded.every(({ field, after }) => field === first.field && after === first.after) &&
    [...inSight].some(({ field, after }) => field === first.field && after === first.after);
  return {
    hidden: folded.length,
    same: first !== undefined && isSame ? { field: first.field, after: first.after } : null,
  };
}

/** Everything a person reads of a step that comes from elsewhere. */
function* textsOf(step: StepJson): Generator<string> {
  yield step.title;
  const { preview } = step;
  if (preview === null) return;
  for (const { subject, subjectId, field, before, after } of isToldByRows(preview)
    ? []
    : preview.changes) {
    yield subject;
    yield subjectId ?? "";
    yield field;
    yield before ?? "";
    yield after ?? "";
  }
  if (preview.rows) {
    yield* preview.rows.columns;
    for (const row of preview.rows.sample) for (const value of row) yield value ?? "";
  }
  for (const body of preview.bodies) {
    yield body.label;
    yield body.after ?? "";
  }
  yield* preview.recipients?.sample ?? [];
  for (const { label, value } of preview.facts) {
    yield label;
    yield value;
  }
}

/** Rows under the fold; and what no preview lists at all, which is to be read in what will be sent. */
function restOf({ position, contentBytes }: StepJson, preview: Preview): ToOpen[] {
  const { rows, changes, changesTotal } = preview;
  const listed = rows?.sample.length ?? 0;
  const folded = listed - ROWS_IN_SIGHT;
  const unlisted =
    (isToldByRows(preview) ? 0 : Math.max(0, changesTotal - changes.length)) +
    Math.max(0, (rows?.total ?? 0) - listed);
  return [
    ...(folded > 0
      ? [{ key: rowsKey(position), position, words: counted(folded, "more row") }]
      : []),
    ...(unlisted > 0
      ? [
          {
            key: requestKey(position),
            position,
            words: `what will be sent, ${sizeWords(contentBytes)}: ${grouped(unlisted)} of it are not listed`,
          },
        ]
      : []),
  ];
}

/** What of this step must be opened before it is approved, and what is hidden in it. */
export function inspectStep(step: StepJson): Inspection {
  const { position, preview } = step;
  const toOpen: ToOpen[] = [];
  if (preview === null) {
    toOpen.push({
      key: stepKey(position),
      position,
      words: `${sizeWords(step.contentBytes)}, shown on request`,
    });
  } else {
    for (const [index, body] of preview.bodies.entries()) {
      if (!isLongBody(body)) continue;
      const key = bodyKey(position, index);
      toOpen.push({ key, position, words: `${body.label}, ${bodySize(body)}` });
    }
    const fold = foldOf(preview.changes);
    if (fold.hidden > 0 && fold.same === null && !isToldByRows(preview)) {
      toOpen.push({
        key: changesKey(position),
        position,
        words: `${fold.hidden} more changes that differ`,
      });
    }
  }
  if (preview !== null) toOpen.push(...restOf(step, preview));
  let hiddenCharacters = 0;
  for (const text of textsOf(step)) hiddenCharacters += countHidden(text);
  return {
    position,
    effect: step.effect,
    records: step.records,
    hiddenCharacters,
    sends: step.effect === "send" || step.recipients > 0,
    toOpen,
  };
}
