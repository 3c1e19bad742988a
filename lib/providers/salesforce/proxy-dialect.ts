import { type ProxyDialect, soapFault } from "#lib/providers/proxy-dialect.ts";
import { salesforceApiMeaning } from "#lib/providers/salesforce/errors.ts";
import type { SoapTokenPlace } from "#lib/providers/soap-token.ts";

export const salesforceTokenPlace: SoapTokenPlace = {
  namespaces: ["urn:partner.soap.sforce.com", "urn:enterprise.soap.sforce.com"],
  element: "SessionHeader",
  child: "sessionId",
};

/** The app lacks the API or a scope: no newer token helps (contract of Salesforce, section 6). */
const neverHelped = /not valid for use with the REST API|not attached to Agent/;

const identityLink = /("identity"\s*:\s*")https?:\/\/[^"]*?(\/id\/\w{15,18}\/\w{15,18}")/;

/** jsforce names its exception after `errorCode`. */
const errorCodeOf = (code: string) => code.replace(/^[^.]*\./, "").toUpperCase();

export const salesforceProxyDialect: ProxyDialect = {
  hostOf: (hosts) => hosts.instanceHost,
  tokenPlace: salesforceTokenPlace,
  saysTokenEnded({ status, body }) {
    if (neverHelped.test(body)) return false;
    if (status === 401 || status === 500) return /\bINVALID_SESSION_ID\b/.test(body);
    // The identity service and userinfo say it in a word of their own.
    return status === 403 && body.trim() === "Bad_OAuth_Token";
  },
  meaningOf: ({ status, body }) => salesforceApiMeaning(status, body),
  // jsforce asks `identity` of the version's resources next, with its token in the address.
  hasLinks: (path) => /^\/services\/data\/v\d+\.\d\/?$/i.test(path),
  withOwnLinks: (body, mountedAt) =>
    Buffer.from(
      body
        .toString("utf8")
        .replace(identityLink, (_link, name: string, path: string) => name + mountedAt + path),
    ),
  rowMark({ door, path }) {
    if (door === "soap") return "<records";
    // Of bulk data, lines; the first names the columns.
    if (/\/jobs\/query\/\w+\/results$/i.test(path)) return "\n";
    // In a value its quotes would be escaped.
    return /^\/services\/(?:data|apexrest)\//i.test(path) ? '"attributes"' : null;
  },
  word(refusal, door) {
    const isSession = refusal.status === 401;
    const errorCode = isSession ? "INVALID_SESSION_ID" : errorCodeOf(refusal.code);
    if (door === "soap") return soapFault(refusal, `${errorCode}: ${refusal.message}`);
    return {
      status: refusal.status,
      contentType: "application/json;charset=UTF-8",
      headers: isSession ? { "www-authenticate": 'Bearer error="invalid_token"' } : {},
      body: JSON.stringify([{ message: refusal.message, errorCode }]),
    };
  },
};
