import { type Answer, type Call, call, cookiesOf } from "./http.ts";
import type { Account, Providers } from "./provider.ts";

export const owner = {
  email: "robin@studio.example",
  password: "quiet lantern over nine harbours",
} as const;

/** The signed-in owner, who reaches every instance as one would through a load balancer. */
export type Person = {
  /** @param port - of the instance that is asked */
  ask(port: number, request: Omit<Call, "body"> & { json?: unknown }): Promise<Answer>;
  /** With which a request of theirs is sent. */
  headers(): Record<string, string>;
  /**
   * Signs in at the provider and comes back.
   *
   * @returns null where it did not come to an end: something was broken on the way
   */
  connect(
    ports: { begin: number; end: number },
    connectionId: string,
    account: Account,
  ): Promise<{ grantId: string } | null>;
};

/** Signs the owner in. @throws {Error} the studio does not let them in */
export async function signIn(
  providers: Providers,
  studioUrl: string,
  port: number,
): Promise<Person> {
  const { host } = new URL(studioUrl);
  const csrf = await call(port, { path: "/api/auth/csrf", headers: { host } });
  const { csrfToken } = JSON.parse(csrf.body) as { csrfToken: string };
  const signedIn = await call(port, {
    method: "POST",
    path: "/api/auth/callback/credentials",
    headers: {
      host,
      origin: studioUrl,
      cookie: cookiesOf(csrf),
      "content-type": "application/x-www-form-urlencoded",
    },
    body: new URLSearchParams({ ...owner, csrfToken, json: "true" }).toString(),
  });
  if (signedIn.status !== 200) throw new Error(`sign-in answered ${signedIn.status}`);
  const session = cookiesOf(signedIn);

  const own = () => ({ host, origin: studioUrl, cookie: session });
  const ask: Person["ask"] = (at, { json, headers, ...request }) =>
    call(at, {
      ...request,
      headers: {
        ...own(),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
  return {
    ask,
    headers: own,
    async connect({ begin, end }, connectionId, account) {
      const started = await ask(begin, {
        method: "POST",
        path: `/api/connections/${connectionId}/flows`,
        json: {},
      });
      if (started.status !== 201) return null;
      const { authorizeUrl, flowId } = JSON.parse(started.body) as Record<string, string>;
      const { simulator } = providers;
      const at = account.provider === "salesforce" ? "salesforce" : "marketingCloud";
      const back = new URL(
        await simulator[at].approve(authorizeUrl ?? "", { username: account.username }),
      );
      await ask(end, {
        path: back.pathname + back.search,
        headers: { cookie: `${session}; ${cookiesOf(started)}` },
      });
      const flow = await ask(end, { path: `/api/flows/${flowId}` });
      if (flow.status !== 200) return null;
      const { state } = JSON.parse(flow.body) as { state: string };
      if (state !== "connected") return null;
      const listed = await ask(end, { path: "/api/grants?limit=200" });
      if (listed.status !== 200) return null;
      const { items } = JSON.parse(listed.body) as {
        items: { id: string; connectionId: string }[];
      };
      const grant = items.find((one) => one.connectionId === connectionId);
      return grant ? { grantId: grant.id } : null;
    },
  };
}
