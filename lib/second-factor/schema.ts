import { z } from "zod";

export const RECOVERY_CODE_COUNT = 10;
const MAX_NAME_LENGTH = 60;
// Far above what an authenticator sends; the body itself is bounded too.
const MAX_BLOB_LENGTH = 32_768;
const MAX_TRANSPORTS = 10;

const factorKinds = ["totp", "passkey"] as const;
export type FactorKind = (typeof factorKinds)[number];

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const nameSchema = z
  .string()
  .max(200)
  .refine((text) => text.isWellFormed() && !unprintable.test(text), "Use printable text.")
  .transform((text) => text.trim().normalize("NFC"))
  .pipe(
    z
      .string()
      .min(1, "Give it a name.")
      .max(MAX_NAME_LENGTH, `Use at most ${MAX_NAME_LENGTH} characters.`),
  );

/** Six digits; spaces that apps show between them are dropped. */
export const codeSchema = z
  .string()
  .max(20)
  .transform((text) => text.replace(/\s/g, ""))
  .pipe(z.string().regex(/^\d{6}$/, "Enter the six digits that the app shows."));

export const totpConfirmSchema = z.strictObject({ name: nameSchema, code: codeSchema });
export const codeInputSchema = z.strictObject({ code: codeSchema });
export const recoveryCodeInputSchema = z.strictObject({
  code: z.string().trim().min(1, "Enter one of your recovery codes.").max(60),
});
export const factorParamsSchema = z.strictObject({ factorId: z.uuid() });

const blob = z
  .string()
  .regex(/^[\w-]+$/)
  .max(MAX_BLOB_LENGTH);
const credential = {
  id: blob,
  rawId: blob,
  type: z.literal("public-key"),
  authenticatorAttachment: z.enum(["platform", "cross-platform"]).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
};

// A browser's own shape: what newer ones add is dropped, not refused.
const passkeyAnswerSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: blob,
    authenticatorData: blob,
    signature: blob,
    userHandle: blob.optional(),
  }),
});
const passkeyMadeSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: blob,
    attestationObject: blob,
    transports: z.array(z.string().max(20)).max(MAX_TRANSPORTS).optional(),
  }),
});
export const passkeyStepSchema = z.strictObject({ answer: passkeyAnswerSchema });
export const passkeyAddSchema = z.strictObject({ name: nameSchema, made: passkeyMadeSchema });
export type PasskeyAnswer = z.infer<typeof passkeyAnswerSchema>;
export type PasskeyMade = z.infer<typeof passkeyMadeSchema>;

/** A factor as its own person sees it. */
const secondFactorSchema = z.object({
  id: z.uuid(),
  kind: z.enum(factorKinds),
  name: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type SecondFactorJson = z.infer<typeof secondFactorSchema>;

export const secondFactorsSchema = z.object({
  factors: z.array(secondFactorSchema),
  recoveryCodesLeft: z.number().int().min(0),
  /** One of the person's roles has powers that want a second factor: the last one stays. */
  isWanted: z.boolean(),
  /** A sign-in of a while ago can be confirmed by the password. */
  hasPassword: z.boolean(),
});
export type SecondFactorsJson = z.infer<typeof secondFactorsSchema>;

/** An authenticator app to set up. The one time that its secret is told. */
export const totpBegunSchema = z.object({
  factorId: z.uuid(),
  /** Base 32, for typing. */
  secret: z.string(),
  uri: z.string(),
  /** The same as a QR code: an SVG path over `size` by `size` modules. */
  qr: z.object({ size: z.number().int(), path: z.string() }),
});
export type TotpBegunJson = z.infer<typeof totpBegunSchema>;

/** `null` where codes were made before. The one time that they are told. */
export const factorAddedSchema = z.object({ recoveryCodes: z.array(z.string()).nullable() });
export type FactorAddedJson = z.infer<typeof factorAddedSchema>;
export const recoveryCodesSchema = z.object({ recoveryCodes: z.array(z.string()) });

/** What the browser's passkey interface is given, as it comes. */
export const passkeyOptionsSchema = z.object({ options: z.record(z.string(), z.unknown()) });
