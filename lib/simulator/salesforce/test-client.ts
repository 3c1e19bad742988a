import { createHash } from "node:crypto";
import { afterAll } from "vitest";
import { simulatorClock } from "#lib/simulator/kit/clock.ts";
import { seededApps } from "#lib/simulator/salesforce/companies.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "#lib/simulator/simulator.ts";

export const callback = "http://localhost:1717/OauthRedirect";
export const dana = "dana.kowalczyk@halden.example";
export const verifier = "v".repeat(64);
export const challenge = createHash("sha256").update(verifier).digest("base64url");
export const loginHost = "login.salesforce.com";
export const haldenHost = "haldenoutdoor.my.salesforce.com";

export type Params = Record<string, string | undefined>;
export type TokenJson = Record<string, string> & { access_token: string; refresh_token: string };
type Flow = { username?: string; app?: string; host?: string; authorize?: Params; token?: Params };

const given = (params: Params): [string, string][] =>
  Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined);

/** A bare client that follows the contract and lets a test leave it, one parameter at a time. */
export async function testClient(options: Partial<SimulatorOptions> = {}) {
  const simulator: Simulator = await startSimulator({
    seed: "contract",
    studioUrl: "http://localhost:3000",
    tls: false,
    control: false,
    clock: simulatorClock(Date.UTC(2026, 5, 1, 9)),
    ...options,
  });
  afterAll(() => simulator.close());
  const at = (host: string, path: string) => `${simulator.loopbackUrl}/${host}${path}`;

  const authorizeUrl = ({ app = seededApps.studio, host = loginHost, authorize = {} }: Flow = {}) =>
    at(
      host,
      `/services/oauth2/authorize?${new URLSearchParams(
        given({
          response_type: "code",
          client_id: app,
          redirect_uri: callback,
          state: "state-1",
          code_challenge: challenge,
          ...authorize,
        }),
      )}`,
    );
  /** Signs in; gives the query that the app's callback gets. */
  const approve = async (flow: Flow & { decision?: "allow" | "deny" } = {}) => {
    const walker = {
      username: flow.username ?? dana,
      ...(flow.decision ? { decision: flow.decision } : {}),
    };
    return new URL(await simulator.salesforce.approve(authorizeUrl(flow), walker)).searchParams;
  };
  const post = (host: string, path: string, form: Params, headers: Record<string, string> = {}) =>
    fetch(at(host, path), { method: "POST", body: new URLSearchParams(given(form)), headers });
  const token = (form: Params, host = loginHost, headers?: Record<string, string>) =>
    post(host, "/services/oauth2/token", form, headers);
  const redeem = async (flow: Flow = {}) => {
    const code = (await approve(flow)).get("code") ?? undefined;
    return token(
      {
        grant_type: "authorization_code",
        code,
        client_id: flow.app ?? seededApps.studio,
        redirect_uri: callback,
        code_verifier: verifier,
        ...flow.token,
      },
      flow.host,
    );
  };
  const connect = async (flow: Flow = {}): Promise<TokenJson> => {
    const answer = await redeem(flow);
    if (answer.status !== 200) throw new Error(await answer.text());
    return (await answer.json()) as TokenJson;
  };
  const refresh = (
    refreshToken: string,
    app: string = seededApps.studio,
    more: Params = {},
    host?: string,
  ) =>
    token(
      { grant_type: "refresh_token", refresh_token: refreshToken, client_id: app, ...more },
      host,
    );
  const rest = (
    tokens: { access_token: string },
    path: string,
    init: RequestInit = {},
    host = haldenHost,
  ) =>
    fetch(at(host, `/services/data/v64.0${path}`), {
      ...init,
      headers: {
        authorization: `Bearer ${tokens.access_token}`,
        ...(init.body ? { "content-type": "application/json" } : {}),
        ...(init.headers as Record<string, string> | undefined),
      },
    });
  const query = async (tokens: { access_token: string }, soql: string, host?: string) =>
    rest(tokens, `/query?${new URLSearchParams({ q: soql })}`, {}, host);
  return {
    simulator,
    at,
    authorizeUrl,
    approve,
    post,
    token,
    redeem,
    connect,
    refresh,
    rest,
    query,
  };
}

/** Status and the two words of a refusal at the token endpoint. */
export async function refusal(answer: Response): Promise<[number, string, string]> {
  const body = (await answer.json()) as { error: string; error_description: string };
  return [answer.status, body.error, body.error_description];
}
