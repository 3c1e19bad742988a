import { expect, test } from "vitest";
import { parseConnectMap } from "#lib/egress/connect-map.ts";
import { createEgress } from "#lib/egress/egress.ts";
import { EgressConfigurationError } from "#lib/egress/errors.ts";

const own = "http://localhost:3000";

test("[NET-7] the map is refused unless the studio's own origin is loopback", () => {
  const text = "login.salesforce.com=127.0.0.1:9443";
  for (const origin of [
    "https://studio.example",
    "http://10.0.0.5:3000",
    "http://localhost.example",
    "",
    "localhost",
  ]) {
    expect(() => parseConnectMap(text, origin), origin).toThrow(EgressConfigurationError);
  }
  for (const origin of [own, "http://127.0.0.1:3000", "https://[::1]:3000"]) {
    expect(parseConnectMap(text, origin).find("login.salesforce.com")).toEqual({
      address: "127.0.0.1",
      port: 9443,
    });
  }
});

test("[NET-7] an exact name goes before a wildcard, the longer wildcard first", () => {
  const map = parseConnectMap(
    "*.salesforce.com=127.0.0.1:1, *.my.salesforce.com=127.0.0.1:2,acme.my.salesforce.com=[::1]:3",
    own,
  );
  const portOf = (host: string) => map.find(host)?.port;
  expect(portOf("acme.my.salesforce.com")).toBe(3);
  expect(portOf("acme--uat.sandbox.my.salesforce.com")).toBe(2);
  expect(portOf("login.salesforce.com")).toBe(1);
  expect(portOf("salesforce.com")).toBeUndefined();
  expect(portOf("evilsalesforce.com")).toBeUndefined();
});

test("[NET-7] entries that cannot be read are refused, naming the setting", () => {
  const entries = [
    "",
    "a.example",
    "a.example=127.0.0.1",
    "a.example=localhost:1",
    "a.example=127.0.0.1:0",
    "a.example=127.0.0.1:70000",
    "*=127.0.0.1:1",
    "a.*=127.0.0.1:1",
    "A.example=127.0.0.1:1",
    "a.example=127.0.0.1:1,",
  ];
  for (const entry of entries) {
    expect(() => parseConnectMap(entry, own), entry).toThrow(/^EGRESS_CONNECT_MAP: entry/);
  }
});

test("[NET-7] a map that was not checked is not taken", () => {
  const unchecked = { find: () => ({ address: "127.0.0.1", port: 1 }) };
  expect(() => createEgress({ connectMap: unchecked })).toThrow(TypeError);
});
