import type { FaultScope } from "#lib/simulator/kit/faults.ts";
import { json } from "#lib/simulator/kit/responses.ts";
import type {
  SimulatorContext,
  SimulatorRequest,
  SimulatorResponse,
} from "#lib/simulator/kit/types.ts";
import type { Cursors } from "./cursors.ts";
import type { DataStore } from "./data-store.ts";
import type { Directory } from "./directory.ts";
import type { OAuthState } from "./state.ts";
import type { Tracking } from "./tracking.ts";
import type { Tenant } from "./world.ts";

/** What every route of the provider works with. */
export type Core = {
  context: SimulatorContext;
  directory: Directory;
  state: OAuthState;
  data: DataStore;
  cursors: Cursors;
  tracking: Tracking;
};

export type Subject = { user?: string; app?: string };

/** A request that has found its tenant. */
export type Call = { core: Core; tenant: Tenant; request: SimulatorRequest };

const errorUri = "https://developer.salesforce.com/docs";
const documentation =
  "https://developer.salesforce.com/docs/atlas.en-us.mc-apis.meta/mc-apis/error-handling.htm";

/** The OAuth error shape (contract 3.3). */
export const oauthError = (
  status: number,
  error: string,
  description: string,
  uri: string = errorUri,
): SimulatorResponse =>
  json(
    status,
    { error, error_description: description, error_uri: uri },
    { "cache-control": "no-store" },
  );

/** userinfo points its errors at the REST error page. */
export const userinfoError = (status: number, error: string, description: string) =>
  oauthError(status, error, description, documentation);

/** The REST error shape (contract 6); token and userinfo use it for throttling and faults. */
export const restError = (
  status: number,
  errorcode: number,
  message: string,
  headers: Record<string, string> = {},
  extra: Record<string, unknown> = {},
): SimulatorResponse => json(status, { documentation, errorcode, message, ...extra }, headers);

export const rateLimited = () =>
  restError(429, 50100, "Rate limit exceeded", { "retry-after": "5" }, { retryAfter: 5 });
/** Too many concurrent calls: the vendor's sample has no Retry-After. */
export const blocked = () => restError(429, 50200, "Your requests are temporarily blocked.");
export const serverError = () => restError(500, 0, "Internal Server Error");
export const unavailable = () =>
  restError(503, 50300, "Service unavailable", { "retry-after": "10" });

/** fuel-rest refreshes only when this header says `Bearer … invalid_token`. */
export const invalidTokenHeader = {
  "www-authenticate": 'Bearer realm="marketingcloudapis.com", error="invalid_token"',
};
/** Missing, malformed, expired or revoked: the vendor does not say which. */
export const notAuthorized = () => restError(401, 0, "Not Authorized", invalidTokenHeader);

export const scopeOf = ({ request }: Call, subject: Subject): FaultScope => ({
  ...subject,
  host: request.host,
  path: request.path,
});

export const withSubject = (response: SimulatorResponse, subject: Subject): SimulatorResponse => ({
  ...response,
  subject,
});
