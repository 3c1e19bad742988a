import { zodResolver } from "@hookform/resolvers/zod";
import type { FieldValues, Resolver, ResolverOptions } from "react-hook-form";
import { z } from "zod";
import {
  marketingCloudDefinitionSchema,
  salesforceDefinitionSchema,
} from "#lib/connections/schema.ts";
import { parseTenant, sameTenant, type Tenant } from "#lib/providers/marketing-cloud/hosts.ts";
import { parseMyDomain } from "#lib/providers/salesforce/hosts.ts";

/** The API's own schema, and the host rules that the server applies after it. */
export const salesforceFormSchema = salesforceDefinitionSchema.superRefine((value, context) => {
  if (value.environment === "custom" && value.customDomain) {
    const host = parseMyDomain(value.customDomain);
    if (!host.ok)
      context.addIssue({ code: "custom", path: ["customDomain"], message: host.message });
  }
  if (value.scopes.includes("full")) {
    context.addIssue({
      code: "custom",
      path: ["scopes"],
      message: "Name the scopes you need instead of all at once.",
    });
  }
});

const midWords = "A MID is a number, for example 514012388.";

export const marketingCloudFormSchema = marketingCloudDefinitionSchema
  .extend({
    accountId: z
      .number(midWords)
      .int(midWords)
      .positive(midWords)
      .max(999_999_999_999, midWords)
      .optional(),
  })
  .superRefine((value, context) => {
    const auth = parseTenant(value.authBaseUri);
    if (!auth.ok) {
      context.addIssue({ code: "custom", path: ["authBaseUri"], message: auth.message });
    }
    if (!value.restBaseUri) return;
    const rest = parseTenant(value.restBaseUri);
    const message = !rest.ok ? rest.message : auth.ok ? refusalOf(auth.tenant, rest.tenant) : null;
    if (message) context.addIssue({ code: "custom", path: ["restBaseUri"], message });
  });

function refusalOf(first: Tenant, second: Tenant): string | null {
  const match = sameTenant(first, second);
  return match.ok ? null : match.message;
}

/** Two tenants in one form: both named, so that the form can offer the first. */
export function twoTenants(
  authBaseUri: string,
  restBaseUri: string,
): { first: Tenant; second: Tenant } | null {
  const auth = parseTenant(authBaseUri);
  const rest = parseTenant(restBaseUri);
  if (!auth.ok || !rest.ok || sameTenant(auth.tenant, rest.tenant).ok) return null;
  return { first: auth.tenant, second: rest.tenant };
}

export const authUriOf = (tenant: Tenant) => `https://${tenant.authHost}/`;
export const restUriOf = (tenant: Tenant) => `https://${tenant.restHost}/`;

/** Checks what a form would send, not what its fields hold: both have the same names. */
export function definitionResolver<Values extends FieldValues>(
  schema: typeof salesforceFormSchema | typeof marketingCloudFormSchema,
  toDefinition: (values: Values) => unknown,
): Resolver<Values> {
  // The field names are the definition's, which the types of the two cannot say.
  const check = zodResolver(schema as never) as unknown as (
    values: unknown,
    context: unknown,
    options: ResolverOptions<Values>,
  ) => ReturnType<Resolver<Values>>;
  return async (values, context, options) => {
    const checked = await check(toDefinition(values), context, options);
    return Object.keys(checked.errors).length === 0
      ? { values, errors: {} }
      : { values: {}, errors: checked.errors as never };
  };
}
