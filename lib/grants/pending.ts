import { z } from "zod";

const nullableText = z.string().nullable();

/** An authorization that waits for its owner's word, as kept in the flow; the token is sealed beside it. */
export const pendingSchema = z.object({
  scopes: z.array(z.string()),
  missingScopes: z.array(z.string()),
  hosts: z.object({ instanceHost: nullableText, restHost: nullableText, soapHost: nullableText }),
  identity: z.object({
    userId: z.string(),
    username: z.string(),
    email: nullableText,
    displayName: nullableText,
    orgId: nullableText,
    memberId: z.number().nullable(),
    enterpriseId: z.number().nullable(),
    orgName: nullableText,
    group: z.object({ key: z.string(), name: z.string() }).nullable(),
  }),
});
