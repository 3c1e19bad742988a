import { z } from "zod";
import {
  type Asked,
  busy,
  soapBodyOf,
  soapFailure,
  unreadable,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import { soapRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { decoded } from "#lib/providers/marketing-cloud/soap-answer.ts";
import { el, type Xml } from "#lib/providers/marketing-cloud/xml.ts";
import type { ProviderApi, ProviderRequest } from "#lib/providers/operation.ts";

export type SoapFilter =
  | { property: string; operator: SoapOperator; values: readonly string[]; isDate?: boolean }
  | { logical: "AND" | "OR"; left: SoapFilter; right: SoapFilter };
export type SoapOperator =
  | "equals"
  | "notEquals"
  | "greaterThan"
  | "lessThan"
  | "greaterThanOrEqual"
  | "lessThanOrEqual"
  | "isNull"
  | "like"
  | "IN";

export const equals = (property: string, value: string): SoapFilter => ({
  property,
  operator: "equals",
  values: [value],
});

/** One of several values; the provider's IN wants more than one. */
export const oneOf = (property: string, values: readonly string[]): SoapFilter => ({
  property,
  operator: values.length === 1 ? "equals" : "IN",
  values,
});

/** Balanced: a chain of a hundred parts would be nested deeper than readers go. */
export function joined(
  logical: "AND" | "OR",
  parts: readonly [SoapFilter, ...SoapFilter[]],
): SoapFilter {
  const [first, second] = parts;
  if (second === undefined) return first;
  const middle = Math.ceil(parts.length / 2);
  return {
    logical,
    left: joined(logical, parts.slice(0, middle) as [SoapFilter, ...SoapFilter[]]),
    right: joined(logical, parts.slice(middle) as [SoapFilter, ...SoapFilter[]]),
  };
}

/** All of them; undefined where there is none. */
export const allOf = (parts: readonly SoapFilter[]): SoapFilter | undefined => {
  const [first, ...rest] = parts;
  return first === undefined ? undefined : joined("AND", [first, ...rest]);
};

function filterXml(name: string, filter: SoapFilter): Xml {
  if ("logical" in filter) {
    const parts = [
      filterXml("LeftOperand", filter.left),
      el("LogicalOperator", filter.logical),
      filterXml("RightOperand", filter.right),
    ];
    return el(name, parts, "ComplexFilterPart");
  }
  const parts = [
    el("Property", filter.property),
    el("SimpleOperator", filter.operator),
    ...filter.values.map((value) => el(filter.isDate ? "DateValue" : "Value", value)),
  ];
  return el(name, parts, "SimpleFilterPart");
}

export type Retrieve = {
  objectType: string;
  properties: readonly string[];
  filter?: SoapFilter | undefined;
  /** From the parent: every business unit's objects. */
  isOfAllAccounts?: boolean;
  batchSize?: number | undefined;
  /** The page after the one that carried this id. */
  continues?: string | undefined;
};

function retrieveRequest(asked: Retrieve): ProviderRequest {
  const { objectType, properties, filter, isOfAllAccounts = false, batchSize, continues } = asked;
  return soapRequest(
    "Retrieve",
    el("RetrieveRequestMsg", [
      el("RetrieveRequest", [
        el("ObjectType", objectType),
        ...properties.map((property) => el("Properties", property)),
        ...(filter === undefined ? [] : [filterXml("Filter", filter)]),
        ...(continues === undefined ? [] : [el("ContinueRequest", continues)]),
        ...(isOfAllAccounts ? [el("QueryAllAccounts", "true")] : []),
        ...(batchSize === undefined ? [] : [el("Options", [el("BatchSize", String(batchSize))])]),
      ]),
    ]),
  );
}

/** A text that may be absent, nil or empty: three ways of saying that there is none. */
export const soapText = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === "string" && value !== "" ? decoded(value) : null));
export const soapFlag = soapText.transform((text) => text?.trim().toLowerCase() === "true");
export const soapNumber = soapText.transform((text) => {
  const number = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : null;
});
/** An element that comes once is not told apart from a list of one. */
export const soapList = <T extends z.ZodType>(item: T) =>
  z
    .unknown()
    .optional()
    .transform((value) => {
      if (value === undefined || value === "") return [];
      return Array.isArray(value) ? value : [value];
    })
    .pipe(z.array(item));

const pageSchema = z.object({
  OverallStatus: soapText,
  RequestID: soapText,
  Results: z.array(z.unknown()).default([]),
});

export type RetrievedPage<T> = { items: T[]; next: string | null };

/**
 * One page of objects; what does not fit the schema is no object and left out.
 *
 * @returns `next` asks for the page after it; null at the end
 * @throws {OperationFailedError} a fault, or a status that is an error, which comes with HTTP 200
 */
export async function retrievePage<T>(
  api: ProviderApi,
  retrieve: Retrieve,
  schema: z.ZodType<T>,
  asked: Asked,
): Promise<RetrievedPage<T>> {
  const response = await api.read(retrieveRequest(retrieve));
  const body = soapBodyOf(response);
  if (body.kind === "fault" && !body.isServers) throw soapFailure(body.words, asked);
  if (body.kind === "fault" || response.status >= 500) throw busy(`HTTP_${response.status}`);
  if (body.kind === "unreadable" || body.name !== "RetrieveResponseMsg") throw unreadable();
  const page = pageSchema.safeParse(body.message);
  if (!page.success) throw unreadable(page.error);
  const status = page.data.OverallStatus?.trim() ?? "";
  const hasMore = status === "MoreDataAvailable";
  if (!hasMore && status !== "OK") throw soapFailure(status, asked);
  const items = page.data.Results.flatMap((result) => {
    const item = schema.safeParse(result);
    return item.success ? [item.data] : [];
  });
  return { items, next: hasMore ? (page.data.RequestID?.trim() ?? null) : null };
}

/** The provider's own page. */
const largestBatch = 2_500;

/** Whole pages until the end, or as long as another one stays within `most`; `next` is where it was cut off. */
export async function retrieveUpTo<T>(
  api: ProviderApi,
  retrieve: Omit<Retrieve, "batchSize">,
  schema: z.ZodType<T>,
  asked: Asked,
  most: number,
): Promise<RetrievedPage<T>> {
  const size = Math.min(most, largestBatch);
  const batchSize = size === largestBatch ? undefined : size;
  const items: T[] = [];
  let continues = retrieve.continues;
  for (;;) {
    const page = await retrievePage(api, { ...retrieve, batchSize, continues }, schema, asked);
    items.push(...page.items);
    // A page that leads back to itself would never end.
    const next = page.next === continues ? null : page.next;
    api.progress(items.length, next === null ? items.length : null);
    if (next === null || items.length + size > most) return { items, next };
    continues = next;
  }
}
