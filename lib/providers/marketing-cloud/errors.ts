import type { RefreshMeaning } from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

// A Map: `error` is a stranger's word, and every object has a "constructor".
const authorizeMeanings: ReadonlyMap<string, ReasonCode> = new Map([
  ["unauthorized_client", "grant_type_refused"],
  ["user_not_licensed", "user_not_licensed"],
  ["invalid_scope", "missing_scope"],
  ["access_denied", "access_denied"],
  ["server_error", "provider_down"],
  ["temporarily_unavailable", "provider_down"],
]);

/** @see contract of Marketing Cloud, section 2.2 */
export function marketingCloudAuthorizeMeaning(error: string, description: string): ReasonCode {
  if (error === "invalid_request" && /code_challenge|unknown parameter/i.test(description)) {
    return "pkce_refused";
  }
  return authorizeMeanings.get(error) ?? "authorization_failed";
}

/**
 * Throttling and faults come in the REST shape; refusals of a business unit were seen with none.
 *
 * @see contract of Marketing Cloud, sections 3.3 and 6
 */
export function marketingCloudUnusableMeaning(
  answer: { status: number; body: string },
  accountId: number | null,
): ReasonCode {
  const { status } = answer;
  if (status === 429) return "rate_limited";
  if (status >= 500 || status < 400) return "provider_down";
  if (/"errorcode"\s*:\s*10007\b/.test(answer.body)) return "grant_type_refused";
  if ((status === 401 || status === 403) && accountId !== null) return "business_unit_denied";
  return "authorization_failed";
}

/** What a refused userinfo call means for a connection that is being proven. */
export function marketingCloudProofMeaning(status: number): ReasonCode {
  if (status === 429) return "rate_limited";
  if (status >= 500 || status < 400) return "provider_down";
  return status === 401 ? "reconnect_required" : "authorization_failed";
}

/**
 * What a SOAP fault, an error status or a foreign answer means; `words` are a fault's text or an
 * OverallStatus.
 *
 * @see contract of Marketing Cloud, section 13
 */
export function marketingCloudSoapMeaning(status: number, words: string): ReasonCode {
  if (/token expired|login failed|authorization failed/i.test(words)) return "reconnect_required";
  if (/permission|insufficient privileges/i.test(words)) return "api_access_denied";
  if (status === 429) return "rate_limited";
  if (status === 401) return "reconnect_required";
  if (status === 403) return "api_access_denied";
  return "provider_down";
}

/**
 * What a refused REST call means. Its 403 stands for a scope, a person's right or a foreign tenant
 * alike; its gateway answers 596 where no service has the path.
 *
 * @see contract of Marketing Cloud, section 6
 */
export function marketingCloudApiMeaning(status: number): ReasonCode {
  const meanings: Readonly<Record<number, ReasonCode>> = {
    400: "api_bad_request",
    401: "api_unauthorized",
    403: "api_forbidden",
    404: "api_not_found",
    429: "rate_limited",
    596: "api_not_found",
  };
  return meanings[status] ?? "provider_down";
}

/**
 * Texts of many refusals were never recorded: `error` decides, the description only where it was.
 *
 * @see contract of Marketing Cloud, section 3.3
 */
export function marketingCloudTokenMeaning(refusal: {
  status: number;
  error: string;
  description: string;
}): ReasonCode {
  const { error } = refusal;
  const description = refusal.description.toLowerCase();
  if (/business unit|account_id|account id/.test(description)) return "business_unit_denied";
  if (error === "access_denied") return "business_unit_denied";
  if (error === "invalid_client") {
    return description.startsWith("invalid client id") ? "app_not_found" : "client_rejected";
  }
  if (error === "unauthorized_client") return "grant_type_refused";
  if (error === "unsupported_grant_type") return "grant_type_refused";
  if (error === "invalid_scope") return "missing_scope";
  if (error === "invalid_request" && description.includes("redirect")) {
    return "redirect_uri_mismatch";
  }
  if (/verifier/.test(description)) return "authorization_failed";
  if (error === "invalid_grant" || error === "invalid_token" || error === "invalid_request") {
    return "code_expired";
  }
  return "authorization_failed";
}

// A Map: `error` is a stranger's word, and every object has a "constructor".
const refreshMeanings: ReadonlyMap<string, RefreshMeaning> = new Map([
  ["invalid_grant", { kind: "refused", reason: "reconnect_required" }],
  ["invalid_token", { kind: "refused", reason: "reconnect_required" }],
  ["invalid_request", { kind: "refused", reason: "reconnect_required" }],
  ["unauthorized_client", { kind: "refused", reason: "reconnect_required" }],
  ["access_denied", { kind: "refused", reason: "reconnect_required" }],
  ["unsupported_grant_type", { kind: "app", reason: "grant_type_refused" }],
  ["invalid_scope", { kind: "app", reason: "missing_scope" }],
] as const);

/**
 * What a refused refresh means (RF-8). Which error a dead token is answered with was never settled: each
 * that the contract names ends it. A business unit that is closed to the user may open again.
 *
 * @see contract of Marketing Cloud, section 3.3
 */
export function marketingCloudRefreshMeaning(
  answer:
    | { kind: "refused"; error: string; description: string }
    | { kind: "unusable"; status: number; body: string },
  accountId: number | null,
): RefreshMeaning {
  if (answer.kind === "unusable") {
    const reason = marketingCloudUnusableMeaning(answer, accountId);
    if (reason === "business_unit_denied") return { kind: "person", reason };
    return { kind: reason === "grant_type_refused" ? "app" : "transient", reason };
  }
  const description = answer.description.toLowerCase();
  if (/business unit|account_id|account id/.test(description)) {
    return { kind: "person", reason: "business_unit_denied" };
  }
  if (answer.error === "invalid_client") {
    const isUnknown = description.startsWith("invalid client id");
    return { kind: "app", reason: isUnknown ? "app_not_found" : "client_rejected" };
  }
  const known = refreshMeanings.get(answer.error);
  return known ?? { kind: "transient", reason: "authorization_failed" };
}
