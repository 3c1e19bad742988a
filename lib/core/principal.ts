export const roles = ["owner", "admin", "member"] as const;
export type Role = (typeof roles)[number];

/**
 * Whoever asks, proven: made only by `lib/auth` from a live session. A function that takes a
 * `Principal` need not ask again who it is; every query is bounded by its `teamId`.
 */
export type Principal = {
  readonly kind: "user";
  readonly userId: string;
  readonly teamId: string;
  readonly role: Role;
  readonly sessionId: string;
  /** True where a second factor was given in this session and still exists (WEB-11). */
  readonly hasSecondFactor: boolean;
  /** When it was given last; `null` without one. */
  readonly secondFactorAt: Date | null;
};
