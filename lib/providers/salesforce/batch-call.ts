import { mediaTypeOf, textOf } from "#lib/providers/call-rules.ts";
import { normalizeTarget } from "#lib/providers/call-target.ts";
import {
  type ClassedCall,
  type ProxiedCall,
  unknownCall,
  worstOf,
} from "#lib/providers/proxied-call.ts";
import { parseStrictJson } from "#lib/providers/strict-json.ts";

type JsonObject = Readonly<Record<string, unknown>>;
type Classify = (call: ProxiedCall) => ClassedCall;

/** Salesforce takes 25 in a composite or batch and 500 nodes in the graphs of one call. */
const maxParts = 500;

/** The JSON body of a call; `undefined` where it is none, or could be read in two ways. */
export function jsonOf(call: ProxiedCall): unknown {
  if (mediaTypeOf(call) !== "application/json") return undefined;
  const text = textOf(call.body);
  return text === null ? undefined : parseStrictJson(text);
}

export const isRecord = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function hasOnly(value: JsonObject, ...keys: string[]): boolean {
  return Object.keys(value).every((key) => keys.includes(key));
}

/** `composite`: its requests run in turn, and may name what an earlier one answered. */
export function classOfComposite(call: ProxiedCall, classify: Classify): ClassedCall {
  const body = jsonOf(call);
  if (!isRecord(body) || !hasOnly(body, "allOrNone", "collateSubrequests", "compositeRequest")) {
    return unknownCall;
  }
  return worstOf(partsOf(body.compositeRequest, call, classify), "composite");
}

export function classOfGraphs(call: ProxiedCall, classify: Classify): ClassedCall {
  const body = jsonOf(call);
  if (!isRecord(body) || !hasOnly(body, "graphs") || !Array.isArray(body.graphs)) {
    return unknownCall;
  }
  const parts = body.graphs.flatMap((graph: unknown) =>
    isRecord(graph) && hasOnly(graph, "graphId", "compositeRequest")
      ? partsOf(graph.compositeRequest, call, classify)
      : [unknownCall],
  );
  return worstOf(parts.length > maxParts ? [unknownCall] : parts, "composite.graph");
}

export function classOfBatch(call: ProxiedCall, classify: Classify): ClassedCall {
  const body = jsonOf(call);
  if (!isRecord(body) || !hasOnly(body, "batchRequests", "haltOnError")) return unknownCall;
  return worstOf(partsOf(body.batchRequests, call, classify), "composite.batch");
}

const partKeys = [
  "method",
  "url",
  "body",
  "richInput",
  "referenceId",
  "httpHeaders",
  "binaryPartName",
  "binaryPartNameAlias",
];

/** Each inner request as a call of its own, normalised and judged as if it had come alone. */
function partsOf(list: unknown, outer: ProxiedCall, classify: Classify): ClassedCall[] {
  if (!Array.isArray(list) || list.length > maxParts) return [unknownCall];
  return list.map((part: unknown) => {
    if (!isRecord(part) || !hasOnly(part, ...partKeys)) return unknownCall;
    const { method, url, body, richInput } = part;
    if (typeof method !== "string" || typeof url !== "string") return unknownCall;
    if (body !== undefined && richInput !== undefined) return unknownCall;
    if (!areHarmless(part.httpHeaders)) return unknownCall;
    const target = innerTarget(url);
    if (!target) return unknownCall;
    const json = body ?? richInput;
    return classify({
      ...target,
      method: method.toUpperCase(),
      door: outer.door,
      soapAction: null,
      contentType: json === undefined ? null : "application/json",
      body: json === undefined ? null : new TextEncoder().encode(JSON.stringify(json)),
    });
  });
}

/** Headers of a part may set conditions, never another method or identity. */
function areHarmless(headers: unknown): boolean {
  if (headers === undefined) return true;
  return isRecord(headers) && Object.keys(headers).every((name) => /^if-|^sforce-/i.test(name));
}

/** A reference to an earlier answer, as one whole segment; judged as an id that nobody knows. */
const reference = /(?<=\/)@\{[A-Za-z0-9_.[\]]+\}(?=\/|$)/g;
export const referenceSegment = "@reference";

/** `/services/data/v64.0/…` or, in batches, `v64.0/…`. */
function innerTarget(url: string): { path: string; query: string } | null {
  const at = url.indexOf("?");
  const [rawPath, rawQuery] = at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
  const path = /^v\d/i.test(rawPath) ? `/services/data/${rawPath}` : rawPath;
  const target = normalizeTarget(
    path.replaceAll(reference, referenceSegment),
    // People write queries into these addresses as they are; Salesforce takes them so.
    rawQuery.replaceAll(/[ "<>]/g, encodeURIComponent),
  );
  return target.kind === "taken" ? target : null;
}
