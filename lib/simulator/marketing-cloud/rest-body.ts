import { mediaType } from "#lib/simulator/kit/responses.ts";
import { restError } from "./core.ts";
import type { GivenRow } from "./data-types.ts";
import { type RestCall, RestProblem } from "./rest-route.ts";

/** A JSON object; its names are read without regard to case, as the vendor does. */
export type Body = Readonly<Record<string, unknown>>;

export const refuse = (status: number, errorcode: number, message: string) =>
  new RestProblem(restError(status, errorcode, message));

export const isObject = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @throws {RestProblem} 415, or 400 with 10004 */
export function jsonOf(call: RestCall): unknown {
  const type = mediaType(call.request);
  if (type !== "" && !/[/+]json$/.test(type)) throw refuse(415, 0, "Unsupported Media Type");
  try {
    return JSON.parse(call.request.body.toString("utf8"));
  } catch {
    throw refuse(400, 10004, "The body is not JSON.");
  }
}

/** @throws {RestProblem} what is no JSON object */
export function bodyOf(call: RestCall): Body {
  const value = jsonOf(call);
  if (!isObject(value)) throw refuse(400, 10004, "The body is not a JSON object.");
  return value;
}

/** As `bodyOf`; nothing at all is an empty object. */
export const optionalBodyOf = (call: RestCall): Body =>
  call.request.body.length === 0 ? {} : bodyOf(call);

export function valueIn(body: Body, name: string): unknown {
  if (Object.hasOwn(body, name)) return body[name];
  const wanted = name.toLowerCase();
  return Object.entries(body).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

const wrongType = (name: string, type: string) => refuse(400, 10001, `${name} must be ${type}.`);

/** Absent and null are the same; numbers are taken as text. */
export function optionalText(body: Body, name: string, maxLength = 4000): string | undefined {
  const value = valueIn(body, name);
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") throw wrongType(name, "a string");
  if (value.length > maxLength)
    throw refuse(400, 10005, `${name} is longer than ${maxLength} characters.`);
  return value;
}

export function requiredText(body: Body, name: string, maxLength?: number): string {
  const value = optionalText(body, name, maxLength)?.trim();
  if (!value) throw refuse(400, 10002, `${name} is required.`);
  return value;
}

export function optionalNumber(body: Body, name: string): number | undefined {
  const value = valueIn(body, name);
  if (value === undefined || value === null) return undefined;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw wrongType(name, "a number");
  return number;
}

export function optionalFlag(body: Body, name: string): boolean | undefined {
  const value = valueIn(body, name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw wrongType(name, "true or false");
  return value;
}

export function optionalObject(body: Body, name: string): Body | undefined {
  const value = valueIn(body, name);
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrongType(name, "an object");
  return value;
}

export function optionalList(body: Body, name: string): Body[] | undefined {
  const value = valueIn(body, name);
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(isObject)) throw wrongType(name, "a list of objects");
  return value;
}

export function optionalTexts(body: Body, name: string): string[] | undefined {
  const value = valueIn(body, name);
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((one) => typeof one === "string")) {
    throw wrongType(name, "a list of strings");
  }
  return value;
}

/** A row's cells as text; absent is none. */
export function textsOf(part: unknown): GivenRow {
  if (part === undefined) return {};
  if (!isObject(part)) throw refuse(400, 10004, "The body is not a list of rows.");
  return Object.fromEntries(
    Object.entries(part).map(([name, cell]) => [name, cell === null ? "" : String(cell)]),
  );
}
