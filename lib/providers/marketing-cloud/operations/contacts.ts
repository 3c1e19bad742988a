import { z } from "zod";
import {
  contactArea,
  contactSearchScopes,
  findByEmail,
  foundSchema,
} from "#lib/providers/marketing-cloud/operations/contact-schema.ts";
import { emailInput } from "#lib/providers/marketing-cloud/operations/subscriber-schema.ts";
import { readOperation } from "#lib/providers/operation.ts";

export const searchContacts = readOperation({
  id: "marketing-cloud.contacts.search",
  provider: "marketing-cloud",
  area: contactArea,
  title: "Search contacts",
  description: "Contact keys of the people behind mail addresses.",
  scopes: contactSearchScopes,
  input: z.strictObject({
    emails: z.array(emailInput).min(1).max(100).describe("Mail addresses to look for."),
    most: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(10)
      .describe("How many contacts of one address at most."),
  }),
  output: z.object({ found: z.array(foundSchema) }),
  example: { emails: ["ada@mail.example"], most: 10 },
  run: async (api, { emails, most }) => ({ found: await findByEmail(api, emails, most) }),
  rowsOf: ({ found }) => found.reduce((sum, { contacts }) => sum + contacts.length, 0),
});
