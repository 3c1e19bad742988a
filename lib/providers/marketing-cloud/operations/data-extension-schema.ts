import { z } from "zod";
import { type Asked, named, notFound } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  equals,
  retrievePage,
  retrieveUpTo,
  soapFlag,
  soapNumber,
  soapText,
} from "#lib/providers/marketing-cloud/operations/soap-retrieve.ts";
import type { ProviderApi } from "#lib/providers/operation.ts";

export const readScopes = ["data_extensions_read"] as const;
export const writeScopes = ["data_extensions_read", "data_extensions_write"] as const;

export const askedOf = (key: string, scopes: readonly string[] = readScopes): Asked => ({
  what: named("the data extension", key),
  scopes,
});

/** One column, under the name that it was made with: rows come back with names in lower case. */
export const columnSchema = z.object({
  name: z.string(),
  type: z.string(),
  length: z.number().nullable(),
  scale: z.number().nullable(),
  isPrimaryKey: z.boolean(),
  isRequired: z.boolean(),
  defaultValue: z.string().nullable(),
});
export type Column = z.infer<typeof columnSchema>;

const soapColumn = z
  .object({
    Name: soapText,
    FieldType: soapText,
    MaxLength: soapNumber,
    Scale: soapNumber,
    IsPrimaryKey: soapFlag,
    IsRequired: soapFlag,
    DefaultValue: soapText,
    Ordinal: soapNumber,
  })
  .transform((field, context) => {
    if (field.Name === null) {
      context.addIssue({ code: "custom", message: "a column without a name" });
      return z.NEVER;
    }
    const column: Column = {
      name: field.Name,
      type: field.FieldType ?? "Text",
      length: field.MaxLength === 0 ? null : field.MaxLength,
      scale: field.FieldType === "Decimal" ? field.Scale : null,
      isPrimaryKey: field.IsPrimaryKey,
      isRequired: field.IsRequired,
      defaultValue: field.DefaultValue,
    };
    return { column, ordinal: field.Ordinal ?? 0 };
  });

const mostColumns = 5_000;

/**
 * Columns of a data extension in their own order.
 *
 * @throws {OperationFailedError} no such data extension, or none that this person may see
 */
export async function readColumns(api: ProviderApi, key: string): Promise<Column[]> {
  const { items } = await retrieveUpTo(
    api,
    {
      objectType: "DataExtensionField",
      properties: [
        "Name",
        "FieldType",
        "MaxLength",
        "Scale",
        "IsPrimaryKey",
        "IsRequired",
        "DefaultValue",
        "Ordinal",
      ],
      filter: equals("DataExtension.CustomerKey", key),
    },
    soapColumn,
    askedOf(key),
    mostColumns,
  );
  if (items.length === 0) throw notFound(askedOf(key));
  return items.sort((a, b) => a.ordinal - b.ordinal).map(({ column }) => column);
}

export const summarySchema = z.object({
  id: z.string().nullable(),
  key: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  folderId: z.string().nullable(),
  isSendable: z.boolean(),
  sendableColumn: z.string().nullable(),
  createdAt: z.string().nullable(),
  modifiedAt: z.string().nullable(),
});
export type Summary = z.infer<typeof summarySchema>;

const nestedName = z.object({ Name: soapText }).optional().catch(undefined);
export const soapSummary = z
  .object({
    ObjectID: soapText,
    CustomerKey: soapText,
    Name: soapText,
    Description: soapText,
    CategoryID: soapText,
    IsSendable: soapFlag,
    SendableDataExtensionField: nestedName,
    CreatedDate: soapText,
    ModifiedDate: soapText,
  })
  .transform((one, context): Summary => {
    if (one.CustomerKey === null || one.Name === null) {
      context.addIssue({ code: "custom", message: "a data extension without a key" });
      return z.NEVER;
    }
    return {
      id: one.ObjectID,
      key: one.CustomerKey,
      name: one.Name,
      description: one.Description,
      folderId: one.CategoryID,
      isSendable: one.IsSendable,
      sendableColumn: one.SendableDataExtensionField?.Name ?? null,
      createdAt: one.CreatedDate,
      modifiedAt: one.ModifiedDate,
    };
  });

export const summaryProperties = [
  "ObjectID",
  "CustomerKey",
  "Name",
  "Description",
  "CategoryID",
  "IsSendable",
  "SendableDataExtensionField.Name",
  "CreatedDate",
  "ModifiedDate",
] as const;

export async function findDataExtension(api: ProviderApi, key: string): Promise<Summary | null> {
  const { items } = await retrievePage(
    api,
    {
      objectType: "DataExtension",
      properties: summaryProperties,
      filter: equals("CustomerKey", key),
    },
    soapSummary,
    askedOf(key),
  );
  return items.find((one) => one.key.toLowerCase() === key.toLowerCase()) ?? null;
}

/** @throws {OperationFailedError} */
export async function getDataExtension(api: ProviderApi, key: string): Promise<Summary> {
  const found = await findDataExtension(api, key);
  if (!found) throw notFound(askedOf(key));
  return found;
}
