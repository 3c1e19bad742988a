import { z } from "zod";
import { normaliseEmail } from "#lib/auth/email.ts";
import { roles } from "#lib/core/principal.ts";

export const PASSWORD_MIN_LENGTH = 15;
const PASSWORD_MAX_LENGTH = 128;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const label = (missing: string) =>
  z
    .string()
    .max(320)
    .refine((text) => text.isWellFormed() && !controlCharacters.test(text), "Use printable text.")
    .transform((text) => text.trim().normalize("NFC"))
    .pipe(z.string().min(1, missing).max(80, "Use at most 80 characters."));

/** An e-mail address in its one stored form. */
export const emailSchema = z
  .string()
  .max(320, "Use a shorter address.")
  .transform((text, context) => {
    const email = normaliseEmail(text);
    if (email !== null) return email;
    context.addIssue({ code: "custom", message: "Enter an address like name@company.example." });
    return z.NEVER;
  });

/** A password as somebody types it to prove who they are: bounded, not judged. */
export const givenPasswordSchema = z
  .string()
  .min(1, "Enter your password.")
  .max(512)
  .refine((text) => text.isWellFormed(), "Use printable text.");

/** A new password: 15 to 128 characters as a person counts them. How guessable it is, the server says. */
export const newPasswordSchema = z
  .string()
  .max(1024, `Use at most ${PASSWORD_MAX_LENGTH} characters.`)
  .refine((text) => text.isWellFormed(), "Use printable text.")
  .refine(
    (text) => passwordLength(text) >= PASSWORD_MIN_LENGTH,
    `Use at least ${PASSWORD_MIN_LENGTH} characters; four or five words are easy to remember.`,
  )
  .refine(
    (text) => passwordLength(text) <= PASSWORD_MAX_LENGTH,
    `Use at most ${PASSWORD_MAX_LENGTH} characters.`,
  );

/** Code points after composition, so that an accented letter counts once however it was typed. */
export function passwordLength(text: string): number {
  return [...text.normalize("NFC")].length;
}

export const setUpSchema = z.strictObject({
  code: z.string().trim().min(1, "Copy the code from the server's terminal.").max(100),
  email: emailSchema,
  name: label("Enter your name."),
  teamName: label("Name your team."),
  password: newPasswordSchema,
});

export const signInSchema = z.object({ email: emailSchema, password: givenPasswordSchema });

export const passwordChangeSchema = z.strictObject({
  currentPassword: givenPasswordSchema,
  newPassword: newPasswordSchema,
});

/** A sign-in as its own person sees it. Times are ISO 8601. */
export const sessionSchema = z.object({
  id: z.uuid(),
  isCurrent: z.boolean(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  /** The latest end; earlier when unused for half a day. */
  expiresAt: z.iso.datetime(),
  /** `203.0.113.0/24` */
  network: z.string().nullable(),
  userAgent: z.string().nullable(),
});
export type SessionJson = z.infer<typeof sessionSchema>;

/** Who is signed in, for the frame of the pages. */
const currentUserSchema = z.object({
  name: z.string(),
  email: z.string(),
  teamId: z.uuid(),
  teamName: z.string(),
  role: z.enum(roles),
});
export type CurrentUser = z.infer<typeof currentUserSchema>;

export type SignInFailure =
  | { reason: "wrong" }
  | { reason: "throttled"; afterSeconds: number }
  | { reason: "server_error" };

/** What next-auth's `signIn(…, { redirect: false })` gave as `error`, made readable. */
export function parseSignInError(error: unknown): SignInFailure {
  if (error === "CredentialsSignin") return { reason: "wrong" };
  const throttled = typeof error === "string" ? /^auth\.throttled:(\d{1,7})$/.exec(error) : null;
  return throttled
    ? { reason: "throttled", afterSeconds: Number(throttled[1]) }
    : { reason: "server_error" };
}

/** Why a sign-in through an identity provider came to nothing. Stable: they stand in addresses. */
export const signInProblems = [
  "auth.way_unreachable",
  "auth.way_misconfigured",
  "auth.way_declined",
  "auth.way_refused",
  "auth.sign_in_expired",
  "auth.email_unverified",
  "auth.not_admitted",
  "auth.needs_linking",
  "auth.identity_taken",
  "auth.recent_sign_in_needed",
  "auth.throttled",
  "server_error",
] as const;
export type SignInProblem = (typeof signInProblems)[number];

/** A problem out of an address's query; `null` for anything else. */
export function parseSignInProblem(input: unknown): SignInProblem | null {
  return signInProblems.find((known) => known === input) ?? null;
}

/** A way in as its own person sees it. */
const linkedWaySchema = z.object({
  id: z.uuid(),
  way: z.enum(["oidc", "salesforce"]),
  name: z.string(),
  email: z.string().nullable(),
  /** False where the operator took the way away. */
  isOffered: z.boolean(),
  lastUsedAt: z.iso.datetime(),
});
export type LinkedWay = z.infer<typeof linkedWaySchema>;

/** A way to sign in that the studio offers. */
export type OfferedWay = { id: "oidc" | "salesforce"; name: string };

/** What the form sends that begins a sign-in at an identity provider. */
export const beginWaySchema = z.object({
  intent: z.enum(["sign-in", "link"]).default("sign-in"),
  returnTo: z.string().max(512).default(""),
});

export const confirmPasswordSchema = z.strictObject({ password: givenPasswordSchema });
