/** 12 345: with spaces that do not break, as the pages have them. */
export const grouped = (count: number): string =>
  String(count).replaceAll(/\B(?=(\d{3})+$)/g, "\u00a0");

/** `1 row`, `1 200 rows` */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;
