import fc from "fast-check";
import { expect, test } from "vitest";
import { testCloud } from "./testing.ts";

const text = fc.string({ unit: "binary", maxLength: 60 });
const headerText = fc.string({ unit: "grapheme-ascii", maxLength: 40 });
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        "client_id",
        "redirect_uri",
        "state",
        "scope",
        "next",
        "$page",
        "$filter",
        "$orderBy",
        "$search",
        "x",
      ),
      text,
    ),
  )
  .map((pairs) => new URLSearchParams(pairs).toString());
const path = fc.oneof(
  fc.constantFrom(
    "/v2/authorize",
    "/v2/token",
    "/v2/userinfo",
    "/v2/discovery",
    "/login",
    "/logout",
    "/Service.asmx",
    "/data/v1/customobjects",
    "/data/v1/customobjectdata/key/Stores/rowset",
    "/hub/v1/dataevents/key:Stores/rowset",
    "/asset/v1/content/assets/query",
  ),
  fc.webPath(),
  text.map((part) => `/data/v1/customobjectdata/key/${part}/rowset`),
);
const body = fc.oneof(text, fc.json(), fc.constant("<a><b/></a>"), query);
const type = fc.constantFrom(
  "application/json",
  "application/x-www-form-urlencoded",
  "text/xml",
  "text/plain",
);

test("whatever comes in, an answer goes out, and never a failure of the server's own", async () => {
  const { connect, send, url } = testCloud();
  const { access } = await connect();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("auth", "rest", "soap"),
      fc.constantFrom("GET", "POST", "PUT", "DELETE"),
      path,
      query,
      fc.oneof(
        headerText.map((value) => `Bearer ${value}`),
        fc.constant(`Bearer ${access}`),
      ),
      type,
      body,
      async (role, method, where, asked, authorization, contentType, given) => {
        const answer = await send(method, url(role, `${where}?${asked}`), {
          headers: { authorization, "content-type": contentType, soapaction: "Retrieve" },
          body: given,
        });
        expect(answer.status).toBeGreaterThanOrEqual(200);
        // SOAP faults travel as 500, and the gateway's own unknown is 596.
        if (role !== "soap") expect([500, 502, 503]).not.toContain(answer.status);
      },
    ),
    { numRuns: 1500, seed: 20261122 },
  );
});
