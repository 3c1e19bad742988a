/** The field's words for where and how a connection is made; safe in a browser. */
export const providers = ["salesforce", "marketing-cloud"] as const;
export type ProviderName = (typeof providers)[number];

export const environments = ["production", "sandbox", "custom", "demo"] as const;
export type Environment = (typeof environments)[number];

export const surfaces = ["web", "desktop"] as const;
export type Surface = (typeof surfaces)[number];

/**
 * The `recipients` of a step that reaches people whose number nobody knows: more than any limit lets pass.
 * Its preview has no recipients and says so in a warning; a plan with such a step has at least as many.
 */
export const unknownRecipients = 1_000_000;
