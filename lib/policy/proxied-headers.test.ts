import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { proxiedRequestHeaders, proxiedResponseHeaders } from "#lib/policy/proxied-headers.ts";

const passed = (...raw: string[]) => {
  const answer = proxiedRequestHeaders(raw);
  return answer.kind === "taken" ? answer.headers : answer.header;
};

describe("what goes out", () => {
  test("[BRK-5] what real clients send about their question passes, and nothing about who asks", () => {
    const sent = [
      "Accept, application/json",
      "Accept-Language, de",
      "Content-Type, application/json",
      "SOAPAction, Retrieve",
      "If-Modified-Since, Sat, 21 Nov 2026 08:00:00 GMT",
      "Sforce-Query-Options, batchSize=200",
      "Sforce-Call-Options, client=x",
      "x-sfdc-packageversion-et4ae5, 1.0",
    ].flatMap((line) => [line.slice(0, line.indexOf(",")), line.slice(line.indexOf(",") + 2)]);
    const stays = [
      "Authorization",
      "Proxy-Authorization",
      "Cookie",
      "Host",
      "X-Forwarded-For",
      "X-Forwarded-Host",
      "Forwarded",
      "X-Real-IP",
      "Via",
      "Connection",
      "Keep-Alive",
      "Upgrade",
      "TE",
      "Trailer",
      "Transfer-Encoding",
      "Content-Length",
      "Accept-Encoding",
      "Expect",
      "Origin",
      "Referer",
      "X-SFDC-Session",
      "X-Connect-Bearer-Urls",
      "User-Agent",
      "X-Original-URL",
      "X-Rewrite-URL",
      "Sec-Fetch-Site",
      "traceparent",
      "X-Anything",
    ].flatMap((name) => [name, "x"]);
    expect(passed(...stays, ...sent)).toEqual({
      accept: "application/json",
      "accept-language": "de",
      "content-type": "application/json",
      soapaction: "Retrieve",
      "if-modified-since": "Sat, 21 Nov 2026 08:00:00 GMT",
      "sforce-query-options": "batchSize=200",
      "sforce-call-options": "client=x",
      "x-sfdc-packageversion-et4ae5": "1.0",
    });
  });

  test.each([
    ["a method override", "X-HTTP-Method-Override", "DELETE", "x-http-method-override"],
    ["the other spelling of it", "X-HTTP-Method", "DELETE", "x-http-method"],
    ["the third", "x-method-override", "DELETE", "x-method-override"],
    ["a compressed body", "Content-Encoding", "gzip", "content-encoding"],
    ["a line end", "Accept", "a\r\nCookie: b", "*"],
    ["a nul in what stays behind", "X-Anything", "a\0b", "*"],
    ["a name that is none", "Acc ept", "a", "*"],
    ["a value outside ASCII", "Accept", "caf\u00e9", "accept"],
    ["an endless value", "Accept", "a".repeat(5000), "accept"],
  ])("[BRK-5] %s is refused", (_what, name, value, header) => {
    expect(passed(name, value)).toBe(header);
  });

  test("[BRK-5] what says what is done may be said once", () => {
    expect(passed("SOAPAction", "Retrieve", "soapaction", "Delete")).toBe("soapaction");
    expect(passed("Content-Type", "a/b", "content-type", "c/d")).toBe("content-type");
    expect(passed("Accept", "a/b", "accept", "c/d")).toEqual({ accept: "a/b, c/d" });
  });

  test("[BRK-5] whatever comes, only listed names and plain values go on", () => {
    const name = fc.oneof(
      fc.constantFrom("accept", "Content-Type", "cookie", "HOST", "x-http-method", "__proto__"),
      fc.string({ maxLength: 12 }),
      fc.string({ unit: "binary", maxLength: 4 }),
    );
    const value = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.string({ unit: "binary", maxLength: 8 }),
    );
    const known = /^(?:accept|accept-language|content-type|soapaction|if-|sforce-|x-sfdc-pack|x-)/;
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (pairs) => {
        const answer = proxiedRequestHeaders(pairs.flat());
        if (answer.kind === "refused") return;
        for (const [sentName, sentValue] of Object.entries(answer.headers)) {
          expect(sentName).toMatch(known);
          expect(sentValue).toMatch(/^[\x20-\x7e]*$/);
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

const received = (headers: Record<string, string | string[]>) =>
  proxiedResponseHeaders({
    headers,
    host: "acme.my.salesforce.com",
    mountedAt: "/api/broker/proxy/c/rest",
  });
const ours = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; sandbox",
  "x-content-type-options": "nosniff",
};

describe("what comes back", () => {
  test("[BRK-6] no cookie, challenge, CORS, policy or routing header of theirs passes", () => {
    const theirs = Object.fromEntries(
      [
        "set-cookie",
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "strict-transport-security",
        "content-security-policy",
        "content-security-policy-report-only",
        "proxy-authenticate",
        "www-authenticate",
        "public-key-pins",
        "alt-svc",
        "server",
        "via",
        "connection",
        "transfer-encoding",
        "clear-site-data",
        "refresh",
        "link",
        "cache-control",
        "content-encoding",
        "x-frame-options",
        "sourcemap",
        "service-worker-allowed",
      ].map((name) => [name, "x"]),
    );
    expect(received(theirs)).toEqual(ours);
  });

  test("[BRK-6] what clients need passes", () => {
    const needed = {
      "content-type": "application/json;charset=UTF-8",
      "content-length": "42",
      "sforce-limit-info": "api-usage=18/5000",
      "sforce-locator": "null",
      "retry-after": "5",
      etag: '"a"',
      "last-modified": "Sat, 21 Nov 2026 08:00:00 GMT",
      warning: '299 - "deprecated"',
    };
    expect(received(needed)).toEqual({ ...needed, ...ours });
    expect(received({ ...needed, "content-encoding": "gzip" })).not.toHaveProperty(
      "content-length",
    );
    expect(received({ "content-type": ["a/b", "c/d"] })).toEqual(ours);
    expect(received({ etag: "a\r\nset-cookie: b" })).toEqual(ours);
  });

  test.each([
    [
      "/services/data/v64.0/sobjects/Account/001",
      "/api/broker/proxy/c/rest/services/data/v64.0/sobjects/Account/001",
    ],
    ["https://acme.my.salesforce.com/a?b=c", "/api/broker/proxy/c/rest/a?b=c"],
    ["https://ACME.my.salesforce.com/a", "/api/broker/proxy/c/rest/a"],
    ["https://acme.my.salesforce.com.evil.example/a", undefined],
    ["https://acme.my.salesforce.com@evil.example/a", undefined],
    ["http://acme.my.salesforce.com/a", undefined],
    ["https://other.example/a", undefined],
    ["//other.example/a", undefined],
    ["/\\other.example/a", undefined],
    ["/../../../../connections", undefined],
    ["/a/%2e%2e/b", undefined],
    ["javascript:alert(1)", undefined],
    ["relative", undefined],
  ])("[BRK-6] the location %s becomes %s", (location, expected) => {
    expect(received({ location }).location).toBe(expected);
  });

  test("[BRK-6] of all challenges only that of a stale token passes, in our words", () => {
    const challenge = (value: string) =>
      received({ "www-authenticate": value })["www-authenticate"];
    const stale = challenge('Bearer realm="x", error="invalid_token", error_description="y"');
    expect(stale).toBe('Bearer error="invalid_token"');
    // The expression by which fuel-rest knows it.
    expect(stale).toMatch(/^Bearer\s.+?invalid_token/);
    expect(challenge('Basic realm="x"')).toBeUndefined();
    expect(challenge('Bearer realm="invalid"')).toBeUndefined();
  });
});
