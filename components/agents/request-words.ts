import type { ConnectionRequestJson } from "#lib/connection-requests/schema.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

const wanted: Readonly<Record<ProviderName, string>> = {
  salesforce: "a Salesforce org",
  "marketing-cloud": "a Marketing Cloud business unit",
};

/** "Nightly report asks for a Salesforce org" */
export const askedWords = ({ agent, provider }: ConnectionRequestJson): string =>
  `${agent.name} asks for ${provider === null ? "a connection" : wanted[provider]}`;

/** What came of it, in a few words. */
export function outcomeWords({ state, connection }: ConnectionRequestJson): string {
  switch (state) {
    case "waiting":
      return "Waits for you";
    case "answered":
      return connection === null ? "Given, and taken away since" : "Given";
    case "declined":
      return "Declined";
    case "expired":
      return "Ran out";
  }
}

/** Where the page of requests is, opened at one of them. */
export const requestPath = (id: string): string => `/agents/requests?request=${id}`;

/** Does its owner still have to sign in before the agent's call goes on? */
export const wantsSignIn = ({ state, connection }: ConnectionRequestJson): boolean =>
  state === "answered" && connection !== null && connection.state !== "active";
