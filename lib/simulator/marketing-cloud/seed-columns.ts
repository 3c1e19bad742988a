import type { SeededRandom } from "#lib/simulator/kit/types.ts";

export type FieldType =
  | "Text"
  | "Number"
  | "Decimal"
  | "Date"
  | "Boolean"
  | "EmailAddress"
  | "Phone"
  | "Locale";

export type Column = {
  name: string;
  type: FieldType;
  length?: number;
  scale?: number;
  isPrimaryKey?: boolean;
  isRequired?: boolean;
  defaultValue?: string;
  /** The value in row `index` (from 0); a person is the same one in every column of a row. */
  value(random: SeededRandom, index: number, person: Person): string;
};

export type Person = { first: string; last: string; email: string; city: string; country: string };

const firstNames =
  "Ada Mira Jonas Priya Tomas Lena Omar Ingrid Felix Noor Mateo Saskia Ravi Elin Hugo Chiara Dario Yuki Amara Nils Petra Caleb Zofia Emil".split(
    " ",
  );
const lastNames =
  "Lindqvist Okafor Berger Raman Novak Castellan Whitfield Haugen Moreau Tanaka Brandt Ferreira Kessler Olsen Dvorak Marchetti Sandoval Quinn Abernathy Falk Duarte Iversen".split(
    " ",
  );
const places = [
  ["Chicago", "US"],
  ["Denver", "US"],
  ["Portland", "US"],
  ["Toronto", "CA"],
  ["Oslo", "NO"],
  ["Bergen", "NO"],
  ["Stockholm", "SE"],
  ["Hamburg", "DE"],
  ["Munich", "DE"],
  ["Zurich", "CH"],
  ["Vienna", "AT"],
] as const;
const products =
  "Fjell shell jacket;Ridge fleece;Tarn 45 backpack;Merino base layer;Camp stove duo;Trail runner low;Alder rain trousers;Down throw;Summit gloves;Lakeside tent 3P;Dry bag 20 l;Headlamp 400".split(
    ";",
  );

/** One made-up person per row; their addresses end in .example and reach nobody. */
export function person(random: SeededRandom, index: number): Person {
  const first = random.pick(firstNames);
  const last = random.pick(lastNames);
  const [city, country] = random.pick(places);
  const email = `${first}.${last}${index}@mail.example`.toLowerCase();
  return { first, last, email, city, country };
}

/** US form in tenant time (UTC-6 all the year), as the vendor writes dates in rows. */
const vendorDate = (epochMs: number): string => dateText(epochMs - 6 * 3600 * 1000);

/** The same of what a clock shows, given as if it were UTC. */
export function dateText(shownMs: number): string {
  const at = new Date(shownMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const hour = at.getUTCHours();
  return `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()} ${hour % 12 || 12}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} ${hour < 12 ? "AM" : "PM"}`;
}

const dayMs = 24 * 3600 * 1000;
/** Seeded data was written before this moment, whatever the clock says: a seed gives the same rows. */
export const seededUntilMs = Date.UTC(2026, 9, 1);

const text = (name: string, length: number, value: Column["value"]): Column => ({
  name,
  type: "Text",
  length,
  value,
});

export const columns = {
  key: (name: string, prefix: string): Column => ({
    ...text(name, 36, (_random, index) => `${prefix}${String(index + 1).padStart(6, "0")}`),
    isPrimaryKey: true,
    isRequired: true,
  }),
  /** Points to a row of another data extension with `of` rows. */
  reference: (name: string, prefix: string, of: number): Column =>
    text(name, 36, (random) => `${prefix}${String(random.int(1, of)).padStart(6, "0")}`),
  email: (name = "EmailAddress", isPrimaryKey = false): Column => ({
    name,
    type: "EmailAddress",
    length: 254,
    isPrimaryKey,
    isRequired: isPrimaryKey,
    value: (_random, _index, who) => who.email,
  }),
  firstName: text("FirstName", 50, (_random, _index, who) => who.first),
  lastName: text("LastName", 80, (_random, _index, who) => who.last),
  city: text("City", 60, (_random, _index, who) => who.city),
  country: text("CountryCode", 2, (_random, _index, who) => who.country),
  phone: {
    name: "MobilePhone",
    type: "Phone",
    length: 50,
    value: (random) => `+1555${random.int(1000000, 9999999)}`,
  } satisfies Column,
  locale: {
    name: "Locale",
    type: "Locale",
    length: 5,
    value: (_random, _index, who) => (who.country === "US" ? "en-US" : `de-${who.country}`),
  } satisfies Column,
  product: text("ProductName", 120, (random) => random.pick(products)),
  oneOf: (name: string, choices: string): Column =>
    text(name, 60, (random) => random.pick(choices.split("|"))),
  flag: (name: string, trueOfTen: number): Column => ({
    name,
    type: "Boolean",
    value: (random) => (random.int(1, 10) <= trueOfTen ? "True" : "False"),
  }),
  number: (name: string, min: number, max: number): Column => ({
    name,
    type: "Number",
    value: (random) => String(random.int(min, max)),
  }),
  money: (name: string, min: number, max: number): Column => ({
    name,
    type: "Decimal",
    length: 18,
    scale: 2,
    value: (random) => (random.int(min * 100, max * 100) / 100).toFixed(2),
  }),
  /** Empty in so many of ten rows. */
  sometimes: (column: Column, emptyOfTen: number): Column => ({
    ...column,
    value: (random, index, who) =>
      random.int(1, 10) <= emptyOfTen ? "" : column.value(random, index, who),
  }),
  note: (name: string, choices: readonly string[]): Column =>
    text(name, 400, (random) => random.pick(choices)),
  date: (name: string, withinDays: number): Column => ({
    name,
    type: "Date",
    value: (random) =>
      vendorDate(seededUntilMs - random.int(0, withinDays) * dayMs - random.int(0, 86399) * 1000),
  }),
};
