import { z } from "zod";
import { objectName } from "#lib/providers/salesforce/credential-objects.ts";
import { classOfObject } from "#lib/providers/salesforce/object-class.ts";

export const objectInput = () =>
  z
    .string()
    .regex(objectName, "Use the object's API name, e.g. Account or Invoice__c.")
    .describe("API name of the object, e.g. Account or Invoice__c.");

/** An object whose rows are plain data. */
export const writableObjectInput = () =>
  objectInput().refine(
    (name) => classOfObject(name) === "write",
    "Records of this object are code, credentials, or start what runs; the studio does not write them.",
  );

export const fieldForm = /^[A-Za-z][A-Za-z0-9_]{0,119}$/;
export const fieldInput = (description: string) =>
  z.string().regex(fieldForm, "Use the field's API name.").describe(description);

const idForm = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;
export const idInput = () =>
  z
    .string()
    .regex(idForm, "Use a record id of 15 or 18 letters and digits.")
    .describe("Record id, 15 or 18 characters.");

// Line ends and tabs belong in values; other controls belong nowhere.
const isFit = (text: string) => !/[\p{Cc}\p{Cs}]/u.test(text.replaceAll(/[\t\n\r]/g, ""));
/** The longest text that a field of Salesforce takes. */
const longestText = 131_072;

export const textInput = (longest: number, description: string) =>
  z
    .string()
    .max(longest)
    .refine(isFit, "Use text without control characters.")
    .describe(description);

const valueInput = z.union([
  textInput(
    longestText,
    "Text; dates as 2026-01-31, times as 2026-01-31T12:00:00Z, ids as they are.",
  ),
  z.number(),
  z.boolean(),
  z.null(),
]);
export type Value = z.infer<typeof valueInput>;
export type Values = Readonly<Record<string, Value>>;

/** Names with a meaning of their own in a record's JSON. */
const reserved: ReadonlySet<string> = new Set(["id", "attributes"]);

const mostFields = 500;

/** Fields of one record and what they are to hold; null empties one. */
export const valuesInput = () =>
  z
    .record(z.string().regex(fieldForm, "Use the field's API name."), valueInput)
    .refine((values) => Object.keys(values).length <= mostFields, "These are too many fields.")
    .refine((values) => {
      const names = Object.keys(values).map((name) => name.toLowerCase());
      return new Set(names).size === names.length;
    }, "Name each field once.")
    .refine(
      (values) => Object.keys(values).every((name) => !reserved.has(name.toLowerCase())),
      "Id and attributes are no fields to write.",
    )
    .describe("API name of each field and its value; null empties it.");
