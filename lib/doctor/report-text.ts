import { exactTime } from "#lib/core/relative-time.ts";
import type { DoctorReport, Line, LineState } from "#lib/doctor/schema.ts";

export const stateWords: Readonly<Record<LineState, string>> = {
  pass: "Fine",
  fail: "To fix",
  unknown: "Not known",
};

/** "9 fine, 1 to fix, 2 not known"; what there is none of stays out. */
export function countsInWords(lines: readonly Pick<Line, "state">[]): string {
  const count = (state: LineState) => lines.filter((line) => line.state === state).length;
  return (["pass", "fail", "unknown"] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${stateWords[state].toLowerCase()}`)
    .join(", ");
}

/** A name from elsewhere cannot begin a line of its own here. */
const oneLine = (text: string) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();

/**
 * A report as plain text, to paste anywhere. It holds what the report holds, which is no secret (OA-9);
 * the texts behind its copy buttons, like redirect URIs, come along.
 */
export function reportText(report: DoctorReport): string {
  const width = Math.max(0, ...report.subject.map(({ name }) => name.length)) + 2;
  const mark = Math.max(...Object.values(stateWords).map((word) => word.length)) + 2;
  const indent = " ".repeat(mark);
  return [
    oneLine(report.title),
    `${exactTime(new Date(report.checkedAt))}: ${countsInWords(report.lines)}`,
    "",
    ...report.subject.map(({ name, value }) => `${name.padEnd(width)}${oneLine(value)}`),
    "",
    ...report.lines.flatMap((line) => [
      `${stateWords[line.state].padEnd(mark)}${line.title}: ${oneLine(line.found)}`,
      ...(line.advice === null ? [] : [`${indent}→ ${oneLine(line.advice)}`]),
      ...(line.code === null ? [] : [`${indent}(${line.code})`]),
    ]),
  ].join("\n");
}
