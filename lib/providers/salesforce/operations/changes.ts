import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { type Change, emptyPreview, type Preview, type Warning } from "#lib/providers/preview.ts";
import type { Described, Field } from "#lib/providers/salesforce/operations/describe.ts";
import { nameFieldOf } from "#lib/providers/salesforce/operations/describe.ts";
import type { Written } from "#lib/providers/salesforce/operations/fields-to-write.ts";
import {
  holds,
  type SalesforceRecord,
  shownValue,
} from "#lib/providers/salesforce/operations/records.ts";
import { type Names, withName } from "#lib/providers/salesforce/operations/references.ts";

/** From so many records on a step says that it is a large one. */
const manyRecords = 50;
const longestCell = 4_000;
const mostChanges = 500;
const mostBodies = 10;
const longestBody = 2_000_000;

/** The record as people know it. */
export const nameOf = (object: Described, record: SalesforceRecord | null): string | null => {
  const field = nameFieldOf(object);
  const name = field && record ? record[field] : null;
  return typeof name === "string" && name.trim() !== "" ? name : null;
};

export const subjectOf = (object: Described, record: SalesforceRecord | null, id: string): string =>
  cut(nameOf(object, record) ?? `${object.name} ${id}`);

const cut = (text: string) =>
  text.length <= longestCell ? text : `${text.slice(0, longestCell - 1)}…`;

export const labelOf = ({ label, name }: Pick<Field, "label" | "name">): string =>
  cut(label === name ? name : `${label} (${name})`);

type Sheet = { changes: Change[]; changesTotal: number; bodies: Preview["bodies"] };
export const emptySheet = (): Sheet => ({ changes: [], changesTotal: 0, bodies: [] });

/**
 * Notes what one field of one record is and will be. What is longer than a cell is shown whole below.
 *
 * @throws {OperationFailedError} more long texts than a step can show
 */
export function note(
  sheet: Sheet,
  subject: { name: string; id: string | null },
  field: Pick<Field, "label" | "name">,
  before: unknown,
  after: unknown,
): void {
  const [was, becomes] = [shownValue(before), shownValue(after)];
  const isLong = [was, becomes].some((text) => (text?.length ?? 0) > longestCell);
  if (isLong) {
    if (sheet.bodies.length === mostBodies) {
      throw new OperationFailedError(
        "operations.too_much",
        `A step shows at most ${mostBodies} long texts. Propose fewer of them at once.`,
      );
    }
    sheet.bodies.push({
      label: cut(`${subject.name}: ${labelOf(field)}`),
      kind: "text",
      before: was?.slice(0, longestBody) ?? null,
      after: becomes?.slice(0, longestBody) ?? null,
    });
  }
  sheet.changesTotal += 1;
  if (sheet.changes.length === mostChanges) return;
  sheet.changes.push({
    subject: subject.name,
    subjectId: subject.id,
    field: labelOf(field),
    before: cellOf(was),
    after: cellOf(becomes),
  });
}

const cellOf = (text: string | null): string | null =>
  text === null || text.length <= longestCell
    ? text
    : `${text.length.toLocaleString("en-US")} characters, shown whole below`;

/** Notes the fields of a write that change something; @returns whether any does */
export function noteChanges(
  sheet: Sheet,
  subject: { name: string; id: string | null },
  before: SalesforceRecord | null,
  written: readonly Written[],
  names: Names = new Map(),
): boolean {
  let changes = false;
  for (const { field, value } of written) {
    const was = before?.[field.name] ?? null;
    if (before ? holds(field.type, was, value) : value === null) continue;
    changes = true;
    note(sheet, subject, field, withName(was, names), withName(value, names));
  }
  return changes;
}

export const previewOf = (
  sheet: Sheet,
  more: Partial<Pick<Preview, "facts" | "warnings" | "rows">> = {},
): Preview => ({ ...emptyPreview, ...sheet, ...more });

export const bulkWarnings = (count: number): Warning[] =>
  count < manyRecords
    ? []
    : [{ code: "bulk", text: `This step changes ${count} records at once.` }];

export const partWarning: Warning = {
  code: "part_may_fail",
  text: "Records that Salesforce refuses are left as they are; the others are changed all the same.",
};
