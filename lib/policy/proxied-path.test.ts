import fc from "fast-check";
import { expect, test } from "vitest";
import { proxiedPath } from "#lib/policy/proxied-path.ts";

const runs = { numRuns: 20_000 };
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      "/",
      "//",
      ".",
      "..",
      "%2e",
      "%2E%2e",
      "%2f",
      "%5c",
      "%25",
      "%252e",
      "%00",
      "%0a",
      ";",
      "%3b",
      "\\",
      "#",
      "?",
      "%",
      "%4",
      "services",
      "%73ervices",
      "data",
      "v60.0",
      "sobjects",
      "@",
      ":",
      "%C3%A9",
      "%EF%BC%8F",
      "%E2%84%AA",
      "%C0%AE",
      "%FF",
      "é",
      "%20",
      "+",
      "(",
      "'",
      "http:",
      "~",
      "/..;/",
      "%c3%9f",
      "a%CC%81",
    ),
    fc.string({ maxLength: 3 }),
    fc.string({ unit: "binary", maxLength: 2 }),
  ),
  { maxLength: 10 },
);
const anyPath = fc
  .tuple(fc.boolean(), pieces)
  .map(([slash, all]) => (slash ? "/" : "") + all.join(""));
const anyQuery = fc
  .array(
    fc.tuple(
      fc.constantFrom("q", "Q", "_HttpMethod", "_httpmethod", "$page", "%71", "oauth_token", "x"),
      fc.oneof(
        fc.constantFrom("1", "DELETE", "%00", "%0a", "%zz", "a;b=c", "%C3", "%25", "a+b", "#", "é"),
        fc.string({ maxLength: 4 }),
      ),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.map((pair) => pair.join("=")).join("&"));

test("[BRK-4] a path that is taken is read by WHATWG URL exactly as it is sent", () => {
  let taken = 0;
  fc.assert(
    fc.property(anyPath, anyQuery, (rawPath, rawQuery) => {
      const target = proxiedPath(rawPath, rawQuery);
      if (target.kind === "refused") return;
      taken += 1;
      const search = target.query === "" ? "" : `?${target.query}`;
      const url = new URL(`https://acme.my.salesforce.com${target.path}${search}`);
      expect(url.host).toBe("acme.my.salesforce.com");
      expect(url.hash).toBe("");
      expect(url.pathname).toBe(target.path);
      expect(new URLSearchParams(url.search).size).toBe(new URLSearchParams(target.query).size);
    }),
    runs,
  );
  expect(taken).toBeGreaterThan(500);
});

test("[BRK-4] normalising what is sent again changes nothing", () => {
  fc.assert(
    fc.property(anyPath, anyQuery, (rawPath, rawQuery) => {
      const target = proxiedPath(rawPath, rawQuery);
      if (target.kind === "refused") return;
      expect(proxiedPath(target.path, target.query)).toEqual(target);
    }),
    runs,
  );
});

test("[BRK-4] decoded as often as one likes, what is sent gains no segment and no delimiter", () => {
  fc.assert(
    fc.property(anyPath, (rawPath) => {
      const target = proxiedPath(rawPath, "");
      if (target.kind === "refused") return;
      const once = decodeURIComponent(target.path);
      expect(once.split("/").length).toBe(target.path.split("/").length);
      expect(once).not.toMatch(/[\\;?#%]|\/\.+(?:\/|$)|\/\//);
      expect(once.normalize("NFKC")).toBe(once);
    }),
    runs,
  );
});

test.each([
  ["/services/data/v60.0/../apexrest/x", "dot_segment"],
  ["/services/data/./v60.0", "dot_segment"],
  ["/services/data/..", "dot_segment"],
  ["/services/data/...", "dot_segment"],
  ["/services/data/%2e%2e/apexrest", "dot_segment"],
  ["/services/data/.%2E/apexrest", "dot_segment"],
  ["/services%2fapexrest/x", "hidden_delimiter"],
  ["/services%5Capexrest/x", "hidden_delimiter"],
  ["/services\\apexrest/x", "hidden_delimiter"],
  ["/services/%252e%252e/x", "hidden_delimiter"],
  ["/services/data;v=1/query", "hidden_delimiter"],
  ["/services/data%3Bjsessionid=1/query", "hidden_delimiter"],
  ["/services/data/..;/apexrest", "hidden_delimiter"],
  ["/services/data%3F_HttpMethod=DELETE", "hidden_delimiter"],
  ["/services/data%23", "hidden_delimiter"],
  ["/services/data#x", "bad_character"],
  ["/services/%00", "bad_character"],
  ["/services/a%0d%0aHost:x", "bad_character"],
  ["/services/%7f", "bad_character"],
  ["/services/dat\u00e1", "bad_character"],
  ["/services/data /x", "bad_character"],
  ["/services/%61pexrest/x", "bad_encoding"],
  ["/services/%zz", "bad_encoding"],
  ["/services/%2", "bad_encoding"],
  ["/services/%C0%AE%C0%AE/x", "bad_encoding"],
  ["/services/%ED%A0%80", "bad_encoding"],
  ["/services/%EF%BC%8E%EF%BC%8E/x", "bad_character"],
  ["/services/%E2%84%AAey", "bad_character"],
  ["/services/a%E2%80%AEb", "bad_character"],
  ["services/data", "not_a_path"],
  [`/${"a".repeat(5000)}`, "too_long"],
])("[BRK-4] %s is refused, not repaired", (path, reason) => {
  expect(proxiedPath(path, "")).toMatchObject({
    kind: "refused",
    code: "broker.ambiguous_path",
    reason,
  });
});

test.each([
  ["", "/"],
  ["/", "/"],
  ["//services/data/v60.0/", "/services/data/v60.0/"],
  ["/services//data///v60.0", "/services/data/v60.0"],
  ["/Services/DATA/v60.0/unprocessedrecords", "/Services/DATA/v60.0/unprocessedrecords"],
  [
    "/data/v1/customobjectdata/key/%c3%9cbersicht/rowset",
    "/data/v1/customobjectdata/key/%C3%9Cbersicht/rowset",
  ],
  [
    "/interaction/v1/interactions/key:Welcome%20(2)",
    "/interaction/v1/interactions/key:Welcome%20(2)",
  ],
  ["/http://example.com/x", "/http:/example.com/x"],
])("[BRK-4] %s is sent as %s", (raw, path) => {
  expect(proxiedPath(raw, "")).toEqual({ kind: "taken", path, query: "" });
});

test.each([
  ["_HttpMethod=PATCH&_httpmethod=DELETE", "repeated_parameter"],
  ["q=SELECT+Id+FROM+A&q=SELECT+Id+FROM+B", "repeated_parameter"],
  ["q=1&%51=2", "repeated_parameter"],
  ["q=%zz", "bad_encoding"],
  ["q=%C3%28", "bad_encoding"],
  ["q=%00", "bad_character"],
  ["q=a b", "bad_character"],
  ["q=a#b", "bad_character"],
  ["q=caf\u00e9", "bad_character"],
  ["a=1;_HttpMethod=DELETE", "hidden_delimiter"],
  ["oauth_token=x", "token_in_address"],
  ["format=json&access%5Ftoken=x", "token_in_address"],
  [`q=${"a".repeat(17_000)}`, "too_long"],
])("[BRK-4] the query %s is refused", (query, reason) => {
  expect(proxiedPath("/services/data", query)).toMatchObject({ kind: "refused", reason });
});

test.each([
  "q=SELECT+Id%0A+FROM+Account+WHERE+Name+LIKE+%27A%25%27&columns=true",
  "$pageSize=500&$page=1&$filter=name%20eq%20'x'",
  "fields=Account.Name&optionalFields=Account.Phone&optionalFields=Account.Fax",
  "ids=a,b,c&x=[1]",
])("[BRK-4] the query %s goes on as it came", (query) => {
  expect(proxiedPath("/services/data", query)).toMatchObject({ kind: "taken", query });
});
