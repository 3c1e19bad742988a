import { z } from "zod";
import { normaliseMailDomain } from "#lib/team/mail-domain.ts";

/** A mail domain whose people join the team. */
export const teamDomainSchema = z.object({
  id: z.uuid(),
  domain: z.string(),
  createdAt: z.iso.datetime(),
});
export type TeamDomainJson = z.infer<typeof teamDomainSchema>;

export const newDomainSchema = z.strictObject({
  domain: z
    .string()
    .max(320)
    .transform((text, context) => {
      const domain = normaliseMailDomain(text);
      if (domain !== null) return domain;
      context.addIssue({ code: "custom", message: "Enter a domain such as company.example." });
      return z.NEVER;
    }),
});
