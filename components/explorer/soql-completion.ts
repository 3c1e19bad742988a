/** What may stand where the cursor is. */
export type SoqlWanted =
  | { kind: "objects"; from: number }
  | {
      kind: "fields";
      /** Of this object, by the query's FROM. */
      object: string;
      /** Relationship that stands before the dot: `Owner.` */
      path: readonly string[];
      from: number;
    }
  | { kind: "keywords"; words: readonly string[]; from: number };

const word = /[A-Za-z0-9_.]*$/;
const afterFrom = /\bFROM\s+[A-Za-z0-9_]*$/i;
const fromObject = /\bFROM\s+([A-Za-z][A-Za-z0-9_]*)/i;
const clauses = ["WHERE", "ORDER BY", "GROUP BY", "LIMIT", "OFFSET"] as const;

/**
 * What completes a query at a position: names of objects behind FROM, fields of that object wherever a
 * field can stand, and the words that go on from here. Quoted text completes to nothing.
 */
export function soqlWanted(text: string, position: number): SoqlWanted | null {
  const before = text.slice(0, position);
  if ((before.match(/'/g)?.length ?? 0) % 2 === 1) return null;
  const typed = word.exec(before)?.[0] ?? "";
  const from = position - typed.length;
  if (afterFrom.test(before)) return { kind: "objects", from };
  const lead = before.slice(0, from).trimEnd();
  if (lead === "") return { kind: "keywords", words: ["SELECT"], from };
  const object = fromObject.exec(text)?.[1];
  if (/\bLIMIT$|\bOFFSET$/i.test(lead)) return null;
  if (/\bFROM\s+\w+$/i.test(lead)) return { kind: "keywords", words: clauses, from };
  if (object !== undefined && mayBeField(lead)) {
    const path = typed.split(".").slice(0, -1);
    return {
      kind: "fields",
      object,
      path,
      from: from + path.join(".").length + (path.length && 1),
    };
  }
  const words = /\bFROM\b/i.test(lead) ? ["AND", "OR", "ASC", "DESC", ...clauses] : ["FROM"];
  return { kind: "keywords", words, from };
}

const mayBeField = (lead: string) => /(\bSELECT|,|\bWHERE|\bAND|\bOR|\bNOT|\bBY|\()$/i.test(lead);
