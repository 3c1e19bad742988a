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
        "$fields",
        "versionNumber",
        "status",
        "extras",
        "type",
        "scope",
        "action",
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
    "/asset/v1/content/assets",
    "/asset/v1/content/categories",
    "/data/v1/customobjects/x/cleardata",
    "/data/v1/async/dataextensions/key:Stores/rows",
    "/hub/v1/dataevents/key:Stores/rows/StoreId:S000001",
    "/interaction/v1/interactions",
    "/interaction/v1/events",
    "/interaction/v1/interactions/pause/key:welcome-series",
    "/interaction/v1/interactions/publishAsync/key:welcome-series",
    "/automation/v1/automations",
    "/automation/v1/automations/key:nightly-import",
    "/automation/v1/automations/key:nightly-import/actions/runallonce",
    "/legacy/v1/beta/bulk/automations/automation/definition",
    "/messaging/v1/email/definitions",
    "/messaging/v1/email/messages",
    "/messaging/v1/email/messages/key-1",
    "/contacts/v1/contacts",
    "/contacts/v1/addresses/email/search",
    "/contacts/v1/contacts/actions/delete",
  ),
  fc.webPath(),
  text.map((part) => `/data/v1/customobjectdata/key/${part}/rowset`),
);
/** Bodies that get past the first look: known names with anything in them. */
const shaped = fc
  .dictionary(
    fc.constantFrom(
      "name",
      "key",
      "id",
      "version",
      "modifiedDate",
      "workflowApiVersion",
      "triggers",
      "activities",
      "steps",
      "startSource",
      "query",
      "page",
      "sort",
      "fields",
      "assetType",
      "views",
      "category",
      "definitionKey",
      "recipient",
      "recipients",
      "attributes",
      "content",
      "contactKey",
      "values",
      "attributeSets",
      "ChannelAddressList",
      "ContactKey",
      "EventDefinitionKey",
      "Data",
      "PausedDays",
      "items",
      "categoryId",
      "Name",
      "ParentId",
      "scheduleObject",
      "Steps",
    ),
    fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom("x", 1, {}, [], [{}], null)),
  )
  .map((value) => JSON.stringify(value));
const body = fc.oneof(shaped, text, fc.json(), fc.constant("<a><b/></a>"), query);
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
      fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE"),
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
    { numRuns: 3000, seed: 20261122 },
  );
});
