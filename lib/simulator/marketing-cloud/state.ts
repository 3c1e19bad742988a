/** What the vendor remembers between requests: sessions, codes, tokens. Times are epoch milliseconds. */
export type Session = {
  id: string;
  subdomain: string;
  username: string;
  /** The business unit this browser is in. */
  mid: number;
  expiresAtMs: number;
};

export type Code = {
  code: string;
  subdomain: string;
  clientId: string;
  username: string;
  sessionId: string;
  redirectUri: string;
  scopes: readonly string[];
  mid: number;
  challenge: { method: "S256" | "plain"; value: string } | null;
  expiresAtMs: number;
  /** The family that came of it; a second use ends that family. */
  familyId: string | null;
};

/** All the tokens that came of one sign-in, or of one client credentials call. */
export type Family = {
  id: string;
  subdomain: string;
  clientId: string;
  username: string | null;
  sessionId: string | null;
  /** Without `offline` the family ends when the person signs out. */
  endsWithSession: boolean;
  isRevoked: boolean;
};

export type Token = {
  kind: "access" | "refresh";
  token: string;
  familyId: string;
  mid: number;
  scopes: readonly string[];
  expiresAtMs: number;
  /** When a refresh token was first traded in. */
  usedAtMs: number | null;
};

export type OAuthSnapshot = {
  sessions: Session[];
  codes: Code[];
  families: Family[];
  tokens: Token[];
};

export type OAuthState = {
  sessions: Map<string, Session>;
  codes: Map<string, Code>;
  families: Map<string, Family>;
  tokens: Map<string, Token>;
};

export const emptyState = (): OAuthState => ({
  sessions: new Map(),
  codes: new Map(),
  families: new Map(),
  tokens: new Map(),
});

export const toSnapshot = (state: OAuthState): OAuthSnapshot => ({
  sessions: [...state.sessions.values()],
  codes: [...state.codes.values()],
  families: [...state.families.values()],
  tokens: [...state.tokens.values()],
});

export function restore(state: OAuthState, snapshot: OAuthSnapshot): void {
  const refill = <T>(map: Map<string, T>, values: T[], key: (value: T) => string) => {
    map.clear();
    for (const value of values) map.set(key(value), value);
  };
  refill(state.sessions, snapshot.sessions, (session) => session.id);
  refill(state.codes, snapshot.codes, (code) => code.code);
  refill(state.families, snapshot.families, (family) => family.id);
  refill(state.tokens, snapshot.tokens, (token) => token.token);
}

/** Forgets what has been dead for a day, so that a demo can run for months. */
export function sweep(state: OAuthState, nowMs: number): void {
  const limitMs = nowMs - 24 * 60 * 60 * 1000;
  for (const [key, session] of state.sessions) {
    if (session.expiresAtMs < limitMs) state.sessions.delete(key);
  }
  for (const [key, code] of state.codes) if (code.expiresAtMs < limitMs) state.codes.delete(key);
  const alive = new Set<string>();
  for (const [key, token] of state.tokens) {
    if (token.expiresAtMs < limitMs) state.tokens.delete(key);
    else alive.add(token.familyId);
  }
  for (const key of state.families.keys()) if (!alive.has(key)) state.families.delete(key);
}

/** Ends the families that hang on this person's sign-in: those without `offline`. */
export function signOut(state: OAuthState, subdomain: string, username: string): void {
  const wanted = username.toLowerCase();
  const isTheirs = (one: { subdomain: string; username: string | null }) =>
    one.subdomain === subdomain && one.username?.toLowerCase() === wanted;
  for (const [key, session] of state.sessions) if (isTheirs(session)) state.sessions.delete(key);
  for (const family of state.families.values()) {
    if (isTheirs(family) && family.endsWithSession) family.isRevoked = true;
  }
}
