/** 12 345: spaces that do not break, as everywhere. */
export const grouped = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, "\u00a0");

/** "1 step", "12 345 steps" */
export const counted = (count: number, one: string, many = `${one}s`) =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** "12 kB": of text, as it would be sent. */
export function sizeWords(bytes: number): string {
  if (bytes < 1_000) return counted(bytes, "byte");
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export const bytesOf = (text: string) => new TextEncoder().encode(text).length;
