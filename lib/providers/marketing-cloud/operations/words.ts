import { lineOf } from "#lib/core/plain-text.ts";

/** 12 345: with spaces that do not break, as the pages have them. */
export const grouped = (count: number): string =>
  String(count).replaceAll(/\B(?=(\d{3})+$)/g, "\u00a0");

/** `1 row`, `1 200 rows` */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** A name that is not ours, on one line, in quotes that it cannot end. */
export const quotedName = (name: string): string =>
  `“${lineOf(name, 80).replaceAll(/[“”]/g, '"')}”`;

/** A stranger's name where it is one word, else what such a thing is called: their sentences stay out of ours. */
export const wordOr = (name: string, otherwise: string): string =>
  /^\w{1,50}$/.test(name) ? quotedName(name) : otherwise;
