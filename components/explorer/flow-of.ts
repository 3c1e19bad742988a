/** One stop on the way of a journey or an automation; `next` are the keys of those that follow. */
export type FlowStop = {
  key: string;
  name: string;
  kind: string;
  reachesPeople: boolean;
  next: string[];
};
export type Flow = { name: string; status: string; entry: string[]; rows: FlowStop[][] };

type Thing = Readonly<Record<string, unknown>>;
const thing = (value: unknown): Thing =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Thing) : {};
const things = (value: unknown): Thing[] => (Array.isArray(value) ? value.map(thing) : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Types of journey activities that write to people. */
const sending = /EMAIL|SMS|PUSH|INBOX|WHATSAPP/i;
const MOST_STOPS = 200;

/**
 * The way through a journey or an automation, as its operation's answer tells it; null for any other
 * answer. Stops that can be reached in as many steps stand in one row; a way back draws no new row.
 */
export function flowOf(result: unknown): Flow | null {
  const { journey, definition, automation, steps } = thing(result);
  if (journey !== undefined && definition !== undefined) return journeyFlow(journey, definition);
  if (automation !== undefined && Array.isArray(steps)) return automationFlow(automation, steps);
  return null;
}

function journeyFlow(journey: unknown, definition: unknown): Flow {
  const { triggers, activities } = thing(definition);
  const stops = things(activities)
    .slice(0, MOST_STOPS)
    .map(
      (activity): FlowStop => ({
        key: text(activity.key) || text(activity.id),
        name: text(activity.name) || text(activity.key),
        kind: kindOf(text(activity.type)),
        reachesPeople: sending.test(text(activity.type)),
        next: things(activity.outcomes).flatMap(({ next }) => (text(next) ? [text(next)] : [])),
      }),
    );
  const entry = things(triggers).map(({ name, type }) => text(name) || kindOf(text(type)));
  return { ...headOf(journey), entry, rows: inRows(stops) };
}

function automationFlow(automation: unknown, steps: readonly unknown[]): Flow {
  return {
    ...headOf(automation),
    entry: [text(thing(automation).startedBy)].filter(Boolean),
    rows: things(steps).map(({ activities }, row) =>
      things(activities).map(({ name, kind, reachesPeople }, place) => ({
        key: `${row}.${place}`,
        name: text(name) || text(kind),
        kind: text(kind),
        reachesPeople: reachesPeople === true,
        next: [],
      })),
    ),
  };
}

const headOf = (of: unknown) => ({ name: text(thing(of).name), status: text(thing(of).status) });

/** `EMAILV2` → "email", `MULTICRITERIADECISION` → "multicriteriadecision". */
const kindOf = (type: string) => type.replace(/V\d+$/i, "").replaceAll("_", " ").toLowerCase();

/** Rows by the shortest way from those that nothing leads to. */
function inRows(stops: readonly FlowStop[]): FlowStop[][] {
  const byKey = new Map(stops.map((stop) => [stop.key, stop]));
  const led = new Set(stops.flatMap(({ next }) => next));
  const rows: FlowStop[][] = [];
  const placed = new Set<string>();
  const first = stops.filter(({ key }) => !led.has(key));
  let row = first.length > 0 ? first : stops.slice(0, 1);
  while (row.length > 0) {
    rows.push(row);
    for (const { key } of row) placed.add(key);
    const following = new Set(row.flatMap(({ next }) => next).filter((key) => !placed.has(key)));
    row = [...following].flatMap((key) => byKey.get(key) ?? []);
  }
  const rest = stops.filter(({ key }) => !placed.has(key));
  return rest.length > 0 ? [...rows, rest] : rows;
}
