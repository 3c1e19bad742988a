import { z } from "zod";
import { emailSchema, givenPasswordSchema } from "#lib/auth/schema.ts";
import { type Role, roles } from "#lib/core/principal.ts";
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

export const pageSize = 50;
const maxPageSize = 200;

const pageSchema = {
  limit: z.coerce.number().int().min(1).max(maxPageSize).default(pageSize),
  cursor: z.uuid().optional(),
};

export const memberQuerySchema = z.strictObject({
  ...pageSchema,
  q: z.string().max(100).optional(),
});
export type MemberQuery = z.infer<typeof memberQuerySchema>;
export const memberParamsSchema = z.strictObject({ userId: z.uuid() });
export const memberPatchSchema = z.strictObject({ role: z.enum(roles) });

const controlCharacters = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const teamNameSchema = z
  .string()
  .max(320, "Use a shorter name.")
  .refine((text) => text.isWellFormed() && !controlCharacters.test(text), "Use printable text.")
  .transform((text) => text.trim().normalize("NFC"))
  .pipe(z.string().min(1, "Name the team.").max(80, "Use at most 80 characters."));
export const teamInputSchema = z.strictObject({ name: teamNameSchema });
export const teamParamsSchema = z.strictObject({ teamId: z.uuid() });

/** One person of the team. What only they and admins may see is `null` for everybody else. */
export const memberSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  role: z.enum(roles),
  isMe: z.boolean(),
  joinedAt: z.iso.datetime(),
  /** How many connections they are connected to. */
  connections: z.number(),
  lastSeenAt: z.iso.datetime().nullable(),
  /** Live sessions in this team. */
  sessions: z.number().nullable(),
  hasSecondFactor: z.boolean().nullable(),
  /** Roles that the asking person may give them; empty: none. */
  grantableRoles: z.array(z.enum(roles)),
  canRemove: z.boolean(),
});
export type MemberJson = z.infer<typeof memberSchema>;
export const memberListSchema = z.object({
  items: z.array(memberSchema),
  nextCursor: z.string().nullable(),
  total: z.number(),
});
export type MemberList = z.infer<typeof memberListSchema>;

export const memberSessionSchema = z.object({
  id: z.uuid(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  network: z.string().nullable(),
  userAgent: z.string().nullable(),
});
export type MemberSessionJson = z.infer<typeof memberSessionSchema>;

/** What a removal ended. Tokens are revoked at the providers after it, from a durable queue. */
export const removalSchema = z.object({
  userId: z.uuid(),
  removedAt: z.iso.datetime(),
  sessionsEnded: z.number(),
  grantsEnded: z.number(),
  agentsEnded: z.number(),
});
export type Removal = z.infer<typeof removalSchema>;

export const invitationInputSchema = z.strictObject({
  email: emailSchema,
  role: z.enum(roles).default("member"),
});
export type InvitationInput = z.infer<typeof invitationInputSchema>;
export const invitationParamsSchema = z.strictObject({ invitationId: z.uuid() });
export const invitationQuerySchema = z.strictObject(pageSchema);
export type InvitationQuery = z.infer<typeof invitationQuerySchema>;

const invitationStates = ["open", "expired", "accepted", "revoked"] as const;
export type InvitationState = (typeof invitationStates)[number];
const invitationSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  role: z.enum(roles),
  state: z.enum(invitationStates),
  invitedBy: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  canChange: z.boolean(),
});
export type InvitationJson = z.infer<typeof invitationSchema>;
export const invitationListSchema = z.object({
  items: z.array(invitationSchema),
  nextCursor: z.string().nullable(),
});
export type InvitationList = z.infer<typeof invitationListSchema>;
/** With its link, which is known this one time. */
export const newInvitationSchema = invitationSchema.extend({ link: z.string() });
export type NewInvitationJson = z.infer<typeof newInvitationSchema>;

/** What whoever holds a link may know of its invitation. */
export type InvitationView =
  | { state: "unknown" | Exclude<InvitationState, "open"> }
  | {
      state: "open";
      email: string;
      role: Role;
      teamName: string;
      invitedBy: string | null;
      /** Has the address an account here, and how does it sign in? */
      account: "none" | "password" | "elsewhere";
    };

const tokenSchema = z.string().min(1).max(200);
export const acceptSchema = z.strictObject({
  token: tokenSchema,
  name: z.string().trim().max(80, "Use at most 80 characters.").default(""),
  password: givenPasswordSchema,
});
export const joinSchema = z.strictObject({ token: tokenSchema });

/** A team that somebody is in. */
const teamSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  role: z.enum(roles),
  isCurrent: z.boolean(),
});
export type TeamJson = z.infer<typeof teamSchema>;
export const newTeamSchema = z.object({ id: z.uuid() });
export const teamListSchema = z.object({
  items: z.array(teamSchema),
  nextCursor: z.string().nullable(),
});
