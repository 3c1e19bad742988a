import type { SimulatorRequest, SimulatorResponse } from "#lib/simulator/kit/types.ts";
import type { ClientCredentials } from "#lib/simulator/salesforce/client.ts";
import type { SalesforceCore } from "#lib/simulator/salesforce/state.ts";
import type { SigningKey } from "#lib/simulator/salesforce/token-answer.ts";

/** What every grant's handler gets. */
export type TokenCall = {
  core: SalesforceCore;
  request: SimulatorRequest;
  form: URLSearchParams;
  key: SigningKey;
  client: ClientCredentials;
};

export type GrantHandler = (call: TokenCall) => Promise<SimulatorResponse>;
