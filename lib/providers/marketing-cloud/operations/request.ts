import type { Json } from "#lib/core/json.ts";
import { normalizeTarget } from "#lib/providers/call-target.ts";
import { isWritable, renderXml, type Xml } from "#lib/providers/marketing-cloud/xml.ts";
import { type ProviderRequest, soapTokenMark } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";

/**
 * A path whose places are filled as single segments, encoded.
 *
 * @throws {OperationFailedError} a place holds what no address can carry without a second meaning
 */
export function pathOf(parts: TemplateStringsArray, ...places: (string | number)[]): string {
  return parts.reduce((path, part, at) => path + segmentOf(String(places[at - 1])) + part);
}

function segmentOf(text: string): string {
  if (!fitsPath(text)) {
    throw new OperationFailedError(
      "operations.bad_query",
      "This name holds a character that cannot stand in Marketing Cloud's addresses.",
    );
  }
  return encodeURIComponent(text);
}

/** Whether the proxy's own normalisation takes this text as one segment and leaves it as it is (BRK-4). */
export function fitsPath(text: string): boolean {
  if (text === "" || !text.isWellFormed()) return false;
  const path = `/${encodeURIComponent(text)}`;
  const target = normalizeTarget(path, "");
  return target.kind === "taken" && target.path === path;
}

export type QueryFields = Readonly<Record<string, string | number | undefined>>;

/** What is undefined is left out. */
function queryOf(fields: QueryFields): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`],
  );
  return pairs.join("&");
}

/**
 * One REST request. The path comes of `pathOf`; the body's bytes follow the order of its names.
 *
 * @throws {OperationFailedError} the query holds what no address can carry, or too much
 */
export function restRequest(
  method: ProviderRequest["method"],
  path: string,
  { query = {}, body }: { query?: QueryFields; body?: Json } = {},
): ProviderRequest {
  const isWhole = Object.values(query).every((value) => String(value).isWellFormed());
  const written = isWhole ? queryOf(query) : "";
  if (!isWhole || normalizeTarget(path, written).kind === "refused") {
    throw new OperationFailedError(
      "operations.bad_query",
      "This question is too long for an address, or holds a character that none can carry.",
    );
  }
  return {
    door: "rest",
    method,
    path,
    query: written,
    contentType: body === undefined ? null : "application/json",
    soapAction: null,
    headers: {},
    body: body === undefined ? null : JSON.stringify(body),
  };
}

/** A text in a `$filter`. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const partnerApi = "http://exacttarget.com/wsdl/partnerAPI";

/**
 * One SOAP request: the element of the body, and the action that goes with it.
 *
 * @throws {OperationFailedError} a text holds what XML cannot carry
 */
export function soapRequest(action: string, message: Xml): ProviderRequest {
  if (!isWritableXml(message)) {
    throw new OperationFailedError(
      "operations.bad_query",
      "A value holds a control character that Marketing Cloud has no way to take.",
    );
  }
  const inner = renderXml(message).replace(
    `<${message.name}>`,
    `<${message.name} xmlns="${partnerApi}">`,
  );
  return {
    door: "soap",
    method: "POST",
    path: "/Service.asmx",
    query: "",
    contentType: "text/xml; charset=utf-8",
    soapAction: action,
    headers: {},
    body: `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Header><fueloauth xmlns="http://exacttarget.com">${soapTokenMark}</fueloauth></s:Header><s:Body>${inner}</s:Body></s:Envelope>`,
  };
}

const isWritableXml = ({ content, type = "" }: Xml): boolean =>
  isWritable(type) &&
  (typeof content === "string" ? isWritable(content) : content.every(isWritableXml));
