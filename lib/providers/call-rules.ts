import type { CallClass, CallHead, ClassedCall, ProxiedCall } from "#lib/providers/proxied-call.ts";

/** A call, its effective method, and what stood at the template's places, decoded, in their own case. */
export type Match = { call: ProxiedCall; places: Readonly<Record<string, string>> };

/** Judges by what is in the call; its `operation` is the line's own unless it says another. */
export type Judge = (match: Match) => ClassedCall | CallClass;

type Line = { operation: string; judge: Judge; needsBody: boolean };

/** One operation: methods by space, a path template, the class or what finds it. */
export type Rule = readonly [
  methods: string,
  template: string,
  operation: string,
  verdict: CallClass | { readsBody: boolean; judge: Judge },
];

type Found = Line & { places: Readonly<Record<string, string>> };

export type Rules = { find(method: string, path: string): Found | null };

type Place = { name: string; fits: RegExp; node: Node };
type Node = {
  literals: Map<string, Node>;
  places: Place[];
  /** Lines that end here, by method. */
  lines: Map<string, Line>;
  /** Lines that take whatever follows, by method. */
  rest: Map<string, Line>;
};

const emptyNode = (): Node => ({
  literals: new Map(),
  places: [],
  lines: new Map(),
  rest: new Map(),
});

/**
 * Compiles a table. In a template, words match without regard to case, `{name}` is one segment that
 * fits its shape, and a last `**` is anything below, and the path itself. A literal goes before a place,
 * a place before `**`; a GET line takes HEAD too; the method `*` takes what no other line names.
 *
 * @param shapes - what a place may hold, by name; any one segment where a name is not listed
 */
export function compileRules(
  rules: readonly Rule[],
  shapes: Readonly<Record<string, RegExp>>,
): Rules {
  const root = emptyNode();
  for (const [methods, template, operation, verdict] of rules) {
    let node = root;
    const segments = template.split("/").filter((segment) => segment !== "");
    const takesRest = segments.at(-1) === "**";
    for (const segment of takesRest ? segments.slice(0, -1) : segments) {
      node = childOf(node, segment, shapes);
    }
    const line: Line = {
      operation,
      judge: typeof verdict === "string" ? () => verdict : verdict.judge,
      needsBody: typeof verdict !== "string" && verdict.readsBody,
    };
    const lines = takesRest ? node.rest : node.lines;
    for (const method of methods.split(" ")) {
      if (lines.has(method)) throw new Error(`two lines for ${method} ${template}`);
      lines.set(method, line);
    }
  }
  return {
    find(method, path) {
      const written = path.split("/").filter((segment) => segment !== "");
      const segments: string[] = [];
      for (const segment of written) segments.push(decodedSegment(segment));
      const asked = method === "HEAD" ? "GET" : method;
      const places: Record<string, string> = {};
      const line = search(root, segments, 0, asked, places);
      return line && { ...line, places };
    },
  };
}

function childOf(node: Node, segment: string, shapes: Readonly<Record<string, RegExp>>): Node {
  const name = /^\{(\w+)\}$/.exec(segment)?.[1];
  if (name === undefined) {
    const word = segment.toLowerCase();
    const child = node.literals.get(word) ?? emptyNode();
    node.literals.set(word, child);
    return child;
  }
  const place = node.places.find((known) => known.name === name);
  if (place) return place.node;
  const child = emptyNode();
  node.places.push({ name, fits: shapes[name] ?? /^.+$/su, node: child });
  return child;
}

function search(
  node: Node,
  segments: readonly string[],
  at: number,
  method: string,
  places: Record<string, string>,
): Line | null {
  const segment = segments[at];
  if (segment === undefined) {
    const line = node.lines.get(method) ?? node.lines.get("*");
    if (line) return line;
  } else {
    const literal = node.literals.get(segment.toLowerCase());
    const found = literal && search(literal, segments, at + 1, method, places);
    if (found) return found;
    for (const place of node.places) {
      if (!place.fits.test(segment)) continue;
      const line = search(place.node, segments, at + 1, method, places);
      if (!line) continue;
      places[place.name] = segment;
      return line;
    }
  }
  return node.rest.get(method) ?? node.rest.get("*") ?? null;
}

/** The path is normalised: every escape in it is well formed. */
const decodedSegment = (segment: string) =>
  segment.includes("%") ? decodeURIComponent(segment) : segment;

/** The verdict of a line on a call. */
export function judged(found: Found, call: ProxiedCall): ClassedCall {
  const verdict = found.judge({ call, places: found.places });
  return typeof verdict === "string" ? { class: verdict, operation: found.operation } : verdict;
}

/** Content type without parameters, lower case; `null` unless its characters are UTF-8. */
export function mediaTypeOf(head: Pick<CallHead, "contentType">): string | null {
  if (head.contentType === null) return null;
  const [type = "", ...parameters] = head.contentType.toLowerCase().split(";");
  for (const parameter of parameters) {
    const text = parameter.trim();
    if (text.startsWith("charset") && !/^charset\s*=\s*"?utf-?8"?$/.test(text)) return null;
  }
  return type.trim();
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The body as text; `null` where it is not UTF-8 all through, or begins with a mark of another. */
export function textOf(body: Uint8Array | null): string | null {
  if (!body) return null;
  try {
    const text = utf8.decode(body);
    return text.startsWith("\ufeff") || text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}
