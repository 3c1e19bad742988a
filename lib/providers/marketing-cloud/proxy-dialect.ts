import {
  marketingCloudApiMeaning,
  marketingCloudSoapMeaning,
} from "#lib/providers/marketing-cloud/errors.ts";
import { type ProxyDialect, soapFault } from "#lib/providers/proxy-dialect.ts";
import type { SoapTokenPlace } from "#lib/providers/soap-token.ts";

export const marketingCloudTokenPlace: SoapTokenPlace = {
  namespaces: ["http://exacttarget.com"],
  element: "fueloauth",
  child: null,
};

const userinfoPath = "/v2/userinfo";
const instanceLink = /("(rest|soap)_instance_url"\s*:\s*")[^"]*"/g;

const faultText = /<faultstring(?:\s[^>]*)?>([^<]*)<\/faultstring>/;
const faultOf = (body: string) => faultText.exec(body)?.[1]?.trim() ?? "";
/** Exactly this text makes sfmc-sdk and fuel-soap ask for a new token. */
const tokenExpired = "Token Expired";

export const marketingCloudProxyDialect: ProxyDialect = {
  hostOf: (hosts, door) => (door === "soap" ? hosts.soapHost : hosts.restHost),
  tokenPlace: marketingCloudTokenPlace,
  saysTokenEnded({ door, status, body }) {
    if (door === "soap") return status >= 400 && faultOf(body) === tokenExpired;
    // Ended, revoked and malformed read alike; some routes say it of a missing scope too.
    return status === 401;
  },
  meaningOf: ({ door, status, body }) =>
    door === "soap"
      ? marketingCloudSoapMeaning(status, faultOf(body))
      : marketingCloudApiMeaning(status),
  rowMark: ({ door, path }) => {
    if (door === "soap") return "<Results";
    return /^\/data\//i.test(path) ? '"values"' : null;
  },
  hasLinks: (path) => path === userinfoPath,
  withOwnLinks: (body, mountedAt) => {
    const base = mountedAt.replace(/auth$/, "");
    return Buffer.from(
      body
        .toString("utf8")
        .replaceAll(instanceLink, (_link, name: string, door: string) => `${name}${base}${door}/"`),
    );
  },
  word(refusal, door) {
    const { status, message, helpUrl } = refusal;
    if (door === "soap") return soapFault(refusal, status === 401 ? tokenExpired : message);
    return {
      status,
      contentType: "application/json; charset=utf-8",
      // fuel-rest refreshes on `/^Bearer\s.+?invalid_token/` and on nothing else.
      headers:
        status === 401
          ? { "www-authenticate": 'Bearer realm="studio", error="invalid_token"' }
          : {},
      body: JSON.stringify({ documentation: helpUrl, errorcode: 0, message }),
    };
  },
};
