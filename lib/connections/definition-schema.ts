import { z } from "zod";
import {
  checkSalesforceFields,
  marketingCloudDefinitionSchema,
  salesforceFieldsSchema,
} from "#lib/connections/schema.ts";
import { presetScopes } from "#lib/providers/marketing-cloud/scopes.ts";

const salesforceInputSchema = salesforceFieldsSchema
  .extend({
    /** The same as `customDomain`, by the name that a connection answers with. */
    loginHost: salesforceFieldsSchema.shape.customDomain,
  })
  .refine(({ customDomain, loginHost }) => customDomain === undefined || loginHost === undefined, {
    path: ["loginHost"],
    message: "Name the host once.",
  })
  .transform(({ loginHost, ...fields }) =>
    loginHost === undefined ? fields : { customDomain: loginHost, ...fields },
  )
  .superRefine(checkSalesforceFields);

const marketingCloudInputSchema = marketingCloudDefinitionSchema.extend({
  scopes: marketingCloudDefinitionSchema.shape.scopes.default([...presetScopes]),
});

/** A connection as our interface takes its definition. */
export const connectionDefinitionSchema = z.discriminatedUnion("provider", [
  salesforceInputSchema,
  marketingCloudInputSchema,
]);
