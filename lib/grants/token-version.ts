/** Which authorization a token is from: a grant keeps its id over a reconnect, not its generation. */
export type TokenKey = { id: string; generation: number };

/** A token of an authorization: `version` counts a grant's tokens and never goes back. */
export type TokenVersion = TokenKey & { version: number };
