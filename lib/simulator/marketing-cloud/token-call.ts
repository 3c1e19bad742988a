import { type Call, oauthError, type Subject } from "./core.ts";
import type { TokenFields } from "./token-request.ts";
import type { Issue } from "./tokens.ts";
import type { Package } from "./world.ts";

/** What a grant hands to the answer: the tokens and where they act. */
export type Granted = { issue: Issue; accessToken: string; refreshToken: string | null };
export type TokenCall = Call & { fields: TokenFields; made: Package; subject: Subject };

export const unknownClient = () =>
  oauthError(
    401,
    "invalid_client",
    "Invalid client ID. Use the client ID in Marketing Cloud Installed Packages.",
  );
/** Wrong secret, disabled package, or a business unit that the integration is not enabled for. */
export const clientAuthenticationFailed = () =>
  oauthError(
    401,
    "invalid_client",
    "Client authentication failed. Make sure that the client ID and client secret are valid and that the package is installed and enabled.",
  );
export const unauthorizedClientText =
  "The client is not authorized to request an authorization code using this method.";
