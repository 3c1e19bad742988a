import { expect, test } from "vitest";
import { PROXY_PREFIX, parseProxyAddress } from "#lib/broker/proxy-address.ts";

const connectionId = "11111111-2222-4333-8444-555555555555";
const parse = (tail: string) => parseProxyAddress(`${PROXY_PREFIX}${connectionId}${tail}`);

test.each([
  ["/rest", { door: "rest", rawPath: "", rawQuery: "" }],
  ["/rest/services/data", { door: "rest", rawPath: "/services/data", rawQuery: "" }],
  ["//REST//services/data?q=a?b", { door: "rest", rawPath: "//services/data", rawQuery: "q=a?b" }],
  ["/soap/Service.asmx", { door: "soap", rawPath: "/Service.asmx", rawQuery: "" }],
  ["/rest/services/Soap/u/64.0", { door: "soap", rawPath: "/services/Soap/u/64.0", rawQuery: "" }],
  ["/auth/v2/token", { door: "auth", rawPath: "/v2/token", rawQuery: "" }],
])("%s is told apart", (tail, expected) => {
  expect(parse(tail)).toEqual({ connectionId, ...expected });
});

test("the Salesforce CLI's first call, joined without a slash, is read as with one", () => {
  const joined = parse("/restservices/oauth2/userinfo?x=1");
  expect(joined).toEqual(parse("/rest/services/oauth2/userinfo?x=1"));
  expect(parse("/restservices/Soap/u/64.0")).toEqual(parse("/rest/services/Soap/u/64.0"));
});

test.each(["", "/", "/restful/x", "/restid/x", "/soapservices/x", "/authservices/x", "/other/x"])(
  "%s is no address of the proxy",
  (tail) => {
    expect(parse(tail)).toBeNull();
  },
);
