export type Cell = string | number | boolean | null | object;
export type ResultShape = {
  /** The list that the answer is about, where it is about one. */
  list: {
    name: string;
    columns: string[];
    /** Columns that are not among them, for want of room. */
    columnsLeftOut: number;
    rows: Record<string, Cell>[];
  } | null;
  /** Everything else of it, flat. */
  facts: { name: string; value: Cell }[];
  /** What of the operation's own input goes on from here; null at the end. */
  next: { next: string } | { page: number } | null;
};

const isRecord = (value: unknown): value is Record<string, Cell> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Members that say how an answer is to be read, not what it is. */
const paging: ReadonlySet<string> = new Set(["next", "hasMore", "columns"]);

function nextOf({ next, hasMore, page }: Record<string, Cell>): ResultShape["next"] {
  if (typeof next === "string" && next !== "") return { next };
  return hasMore === true && typeof page === "number" ? { page: page + 1 } : null;
}

/** Members that say nothing to a person. */
const hidden: ReadonlySet<string> = new Set(["attributes"]);
const MOST_COLUMNS = 60;
/** Of things as we tell them, what people know them by comes before ids; a query's order is its own. */
const leading: readonly string[] = ["name", "label", "title", "status", "state"];
const ownOrder: ReadonlySet<string> = new Set(["records", "rows"]);

/**
 * What an answer looks like: its longest list of things as rows under the names any of them has, in the
 * order of its `columns` or in which they come up, and the rest as facts. Things inside a thing are spread one level:
 * `Owner.Name`.
 */
export function shapeOf(result: unknown): ResultShape {
  if (!isRecord(result))
    return { list: null, facts: [{ name: "Answer", value: cellOf(result) }], next: null };
  const lists = Object.entries(result).filter(
    (entry): entry is [string, Record<string, Cell>[]] =>
      Array.isArray(entry[1]) && entry[1].every(isRecord),
  );
  const [name, things] = lists.toSorted((one, other) => other[1].length - one[1].length)[0] ?? [];
  const next = nextOf(result);
  const facts = Object.entries(spread(result))
    .filter(([key]) => key !== name && !paging.has(key))
    .map(([key, value]) => ({ name: key, value: cellOf(value) }));
  if (name === undefined || things === undefined) return { list: null, facts, next };
  const rows = things.map(spread);
  const named = Array.isArray(result.columns)
    ? result.columns.filter((each) => typeof each === "string" && rows.some((row) => each in row))
    : [];
  const found = new Set(rows.flatMap((row) => Object.keys(row)));
  const first = ownOrder.has(name) ? [] : leading.filter((each) => found.has(each));
  const columns = [...new Set([...(named.length > 0 ? named : first), ...found])];
  const shown = columns.slice(0, MOST_COLUMNS);
  const columnsLeftOut = columns.length - shown.length;
  return { list: { name, columns: shown, columnsLeftOut, rows }, facts, next };
}

/** Members of members one level up, as `Outer.inner`; lists and deeper things stay what they are. */
function spread(thing: Record<string, Cell>): Record<string, Cell> {
  return Object.fromEntries(
    Object.entries(thing).flatMap(([name, value]): [string, Cell][] => {
      if (hidden.has(name)) return [];
      if (!isRecord(value)) return [[name, cellOf(value)]];
      return Object.entries(value).flatMap(([inner, each]): [string, Cell][] =>
        hidden.has(inner) ? [] : [[`${name}.${inner}`, cellOf(each)]],
      );
    }),
  );
}

const cellOf = (value: unknown): Cell => (value === undefined ? null : (value as Cell));

/** A cell in one line. */
export function textOf(cell: Cell | undefined): string {
  if (cell === undefined || cell === null) return "";
  return typeof cell === "object" ? JSON.stringify(cell) : String(cell);
}
