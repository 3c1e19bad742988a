/** Limits and words of standing approvals that a browser needs too. */
export const STANDING_USES_MOST = 1_000;
export const STANDING_RECORDS_MOST = 10_000;
export const STANDING_DAYS_MOST = 30;
/** Live ones of one agent. */
export const STANDING_MOST = 50;

/** What may be approved beforehand: never what runs code. */
export const standingEffects = ["write", "destructive", "send"] as const;
export type StandingEffect = (typeof standingEffects)[number];

export const standingStates = ["live", "used_up", "over", "revoked"] as const;
export type StandingState = (typeof standingStates)[number];
