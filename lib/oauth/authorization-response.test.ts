import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAuthorizationResponse } from "#lib/oauth/authorization-response.ts";

const parse = (query: string) => parseAuthorizationResponse(new URLSearchParams(query));

test.each([
  ["a repeated state", "code=a&state=x&state=y"],
  ["a repeated code", "code=a&code=b&state=x"],
  ["a repeated error", "error=a&error=b&state=x"],
  ["a code and an error at once", "code=a&error=access_denied&state=x"],
  ["neither code nor error", "state=x"],
  ["no state", "code=a"],
  ["a JARM response", "code=a&state=x&response=y"],
  ["an implicit token", "code=a&state=x&token=y"],
  ["an empty code", "code=&state=x"],
  ["an endless code", `code=${"a".repeat(9000)}&state=x`],
])("[OA-4] %s is malformed", (_what, query) => {
  expect(parse(query)).toEqual({ kind: "malformed" });
});

test("a code is decoded exactly once", () => {
  const response = parse("code=aPrx%3D%3D%2541&state=x");
  expect(response.kind === "code" && response.params.get("code")).toBe("aPrx==%41");
});

test("[OA-7] whatever comes in a query is a code, an error or malformed, and never thrown", () => {
  const query = fc.array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom("code", "state", "error", "error_description", "iss", "scope", "__proto__"),
        fc.string(),
      ),
      fc.string({ unit: "binary" }),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(query, (pairs) => {
      const params = new URLSearchParams(pairs);
      const { kind } = parseAuthorizationResponse(params);
      const names = [...params.keys()];
      if (new Set(names).size !== names.length) expect(kind).toBe("malformed");
      expect(["code", "error", "malformed"]).toContain(kind);
    }),
    { numRuns: 10_000 },
  );
});
