import { basicCredentials } from "#lib/simulator/kit/responses.ts";
import type { SimulatorRequest } from "#lib/simulator/kit/types.ts";
import { OAuthRefusal } from "#lib/simulator/salesforce/errors.ts";
import { findApp, type SalesforceCore } from "#lib/simulator/salesforce/state.ts";
import type { App } from "#lib/simulator/salesforce/world.ts";

/** What a client said about itself, and the app behind it once it is asked for. */
export type ClientCredentials = {
  id: string | null;
  /** True when a secret came and it is the app's. */
  isProven(core: SalesforceCore): boolean;
  /**
   * The app, if it is one and the secret is right where one is needed; a wrong secret is refused
   * even where none is.
   *
   * @throws {OAuthRefusal} `invalid_client_id`, `invalid_client`
   */
  require(core: SalesforceCore, needsSecret: (app: App) => boolean): App;
};

/** @throws {OAuthRefusal} credentials in the header and in the body, or a header that is no Basic */
export function authenticateClient(
  _core: SalesforceCore,
  request: SimulatorRequest,
  form: URLSearchParams,
): ClientCredentials {
  const hasHeader = /^basic\b/i.test(request.headers.get("authorization") ?? "");
  const basic = basicCredentials(request);
  if (hasHeader && !basic) throw new OAuthRefusal("badBasicClient");
  const fromBody = form.get("client_secret");
  if (basic && (fromBody !== null || (form.get("client_id") ?? basic.id) !== basic.id)) {
    throw new OAuthRefusal("twoClientAuthentications");
  }
  const id = basic?.id ?? form.get("client_id");
  // An empty secret is none: the CLI's own app sends it so.
  const secret = (basic?.secret ?? fromBody) || null;
  return {
    id,
    isProven: (core) => secret !== null && findApp(core, id)?.secret === secret,
    require: (core, needsSecret) => {
      const app = findApp(core, id);
      if (!app) throw new OAuthRefusal("unknownClient");
      const isWrong = secret === null ? needsSecret(app) : secret !== app.secret;
      if (isWrong)
        throw new OAuthRefusal(basic ? "badBasicClient" : "badClient", { app: app.clientId });
      return app;
    },
  };
}
