/** The field's words for where and how a connection is made; safe in a browser. */
export const providers = ["salesforce", "marketing-cloud"] as const;
export type ProviderName = (typeof providers)[number];

export const environments = ["production", "sandbox", "custom", "demo"] as const;
export type Environment = (typeof environments)[number];

export const surfaces = ["web", "desktop"] as const;
export type Surface = (typeof surfaces)[number];

/**
 * The `recipients` of a step that reaches people whose number nobody knows: more than any limit lets pass,
 * and more than any count. Its preview has no recipients and says so in a warning; a plan with such a step
 * reaches as many as the step, because a sum ends here (`sumRecipients`).
 */
export const unknownRecipients = 2_000_000_000;

/** A count as `recipients` holds it; null where nobody knows. */
export const countedRecipients = (count: number | null): number =>
  count === null ? unknownRecipients : Math.min(count, unknownRecipients - 1);

/** Who is counted stays counted; one who cannot be makes the whole unknown. */
export const sumRecipients = (one: number, other: number): number =>
  Math.max(one, other) >= unknownRecipients ? unknownRecipients : countedRecipients(one + other);
