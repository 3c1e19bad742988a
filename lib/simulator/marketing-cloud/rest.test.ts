import { describe, expect, test } from "vitest";
import { marketingCloudFaults } from "./switches.ts";
import { halden, testCloud } from "./testing.ts";

const kestrel = "mc9w2r6v5s8jd0zl4t7k1xq3hb6n";

test("each family says what it answers to", async () => {
  const { connect, get } = testCloud();
  const { access } = await connect();
  for (const family of ["data", "asset", "automation", "interaction", "hub", "messaging"]) {
    const { json, status } = await get(access, `/${family}/v1/rest`);
    expect([status, json.items.length]).toEqual([200, json.count]);
    expect(json.count).toBeGreaterThan(2);
  }
  const { json } = await get(access, "/Interaction/v1/rest/");
  expect(json.items).toContainEqual({
    ...{ method: "POST", url: "/interaction/v1/interactions/stop/{id}" },
    scopes: ["journeys_read", "journeys_execute"],
  });
  expect((await get(access, "/sms/v1/nothing")).status).toBe(404);
});

describe("userinfo", () => {
  test("nests person, organization and package as the vendor does", async () => {
    const { connect, userinfo } = testCloud();
    const { access } = await connect({}, halden.jonas);
    const { json } = await userinfo(access);
    expect(json).toMatchObject({
      iss: "https://mc.exacttarget.com",
      user: {
        sub: "71450034",
        name: halden.jonas,
        email: "jonas@halden.example",
        timezone: { offset: 1 },
      },
      organization: {
        member_id: halden.mids.nordics,
        enterprise_id: halden.mids.parent,
        enterprise_name: "Halden Outdoor",
        account_type: "enterprise",
        stack_key: "S50",
        region: "EU1",
      },
      rest: { rest_instance_url: `https://${halden.subdomain}.rest.marketingcloudapis.com/` },
      application: { redirectUrl: expect.arrayContaining([halden.callback]) },
    });
    expect(JSON.stringify(json)).not.toContain("Halden Nordics");
    const names = json.permissions.map((permission: { name: string }) => permission.name);
    expect(names).toContain("DataExtensions|Read");
    expect(names).not.toContain("DataExtensions|Write");
  });

  test("view=oidc makes the subject an address", async () => {
    const { bearer, connect, send, url } = testCloud();
    const { access } = await connect();
    const answer = await send("GET", url("auth", "/v2/userinfo?view=oidc"), {
      headers: bearer(access),
    });
    expect(answer.json.user.sub).toBe("https://mc.auth.marketingcloudapis.com/uid/71450021");
  });

  test("without a token 400, with a bad or a foreign one 401, in the OAuth shape", async () => {
    const { connect, send, url, userinfo } = testCloud();
    const { access } = await connect();
    expect((await send("GET", url("auth", "/v2/userinfo"))).status).toBe(400);
    for (const answer of [await userinfo("nonsense"), await userinfo(access, kestrel)]) {
      expect(answer.status).toBe(401);
      expect(answer.json).toEqual({
        error: "invalid_token",
        error_description: expect.any(String),
        error_uri: expect.stringContaining("error-handling"),
      });
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer\s.+?invalid_token/);
    }
  });

  test("a refresh token is not an access token", async () => {
    const { connect, userinfo } = testCloud();
    expect((await userinfo((await connect()).refresh)).status).toBe(401);
  });
});

test("discovery finds the tenant of a username", async () => {
  const { send, url } = testCloud();
  const query = `client_id=x&resource=acct:${halden.dana}`;
  const { json } = await send("GET", url("auth", `/v2/discovery?${query}`, kestrel));
  expect(json.links[0]).toEqual({
    rel: "auth_instance_url",
    href: `https://${halden.subdomain}.auth.marketingcloudapis.com`,
  });
  const missing = await send("GET", url("auth", "/v2/discovery?client_id=x"));
  expect([missing.status, Object.keys(missing.json)]).toEqual([400, ["message"]]);
});

describe("tokens at the REST host", () => {
  test.each([
    ["no token", {}, "", "", 401, 0],
    ["nonsense", { authorization: "Bearer nonsense" }, "", "", 401, 0],
    ["another scheme", { authorization: "OAuth nonsense" }, "", "", 401, 0],
    ["a token in the address", {}, "?access_token=x", "", 401, 40004],
    ["a token in the body", {}, "", '{"access_token":"x"}', 403, 40003],
  ])("%s", async (_name, headers, query, body, status, errorcode) => {
    const { send, url } = testCloud();
    const answer = await send("GET", url("rest", `/platform/v1/tokenContext${query}`), {
      headers,
      body,
    });
    expect([answer.status, answer.json.errorcode]).toEqual([status, errorcode]);
    if (errorcode === 0) {
      expect(answer.json.message).toBe("Not Authorized");
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer\s.+?invalid_token/);
    }
  });

  test("another tenant's host answers 403 and 40002", async () => {
    const { connect, get } = testCloud();
    const { access } = await connect();
    const answer = await get(access, "/platform/v1/tokenContext", kestrel);
    expect([answer.status, answer.json.errorcode]).toEqual([403, 40002]);
  });

  test.each([
    ["not-authorized", 401, undefined],
    ["insufficient-privileges", 403, undefined],
    ["rate-limited", 429, "5"],
    ["blocked", 429, undefined],
    ["server-error", 500, undefined],
    ["unavailable", 503, "10"],
  ] as const)("%s can be switched on", async (value, status, retryAfter) => {
    const { connect, faults, get } = testCloud();
    const { access } = await connect();
    faults.set(marketingCloudFaults.rest, value, { times: 1 });
    const answer = await get(access, "/platform/v1/tokenContext");
    expect([answer.status, answer.headers["retry-after"]]).toEqual([status, retryAfter]);
    expect((await get(access, "/platform/v1/tokenContext")).status).toBe(200);
  });
});

describe("routes", () => {
  test.each([
    ["/platform/v1/tokenContext", 200],
    ["/PLATFORM/v1/tokencontext/", 200],
    ["//platform/v1/tokenContext", 200],
    ["/platform/v1/endpoints", 200],
    ["/platform/v1/endpoints/SOAP", 200],
    ["/platform/v1/endpoints/smtp", 404],
    ["/platform/v1/nothing", 404],
    ["/nothing/v1/here", 596],
    ["/", 596],
    ["/data/v1/customobjects", 400],
    ["/data/v1/customobjects?$search=orders", 200],
    ["/data/v1/customobjects/00000000-0000-4000-8000-000000000000", 404],
    ["/data/v1/customobjectdata/key/Nothing/rowset", 404],
    ["/data/v1/customobjectdata/key/%E0%A4%A/rowset", 400],
    ["/data/v1/customobjectdata/key/Orders/rowset?$page=x", 400],
    ["/data/v1/customobjectdata/key/Orders/rowset?$filter=Status%20is%20'x'", 400],
    ["/asset/v1/content/assets/999", 404],
    ["/interaction/v1/interactions/key:nothing", 404],
    ["/automation/v1/queries/?$pageSize=500&$page=1", 200],
    ["/messaging/v1/email/definitions/", 200],
    ["/legacy/v1/beta/mobile/keyword/?$top=50&$skip=0", 200],
  ])("%s answers %s", async (path, status) => {
    const { connect, get } = testCloud();
    const { access } = await connect();
    expect((await get(access, path)).status).toBe(status);
  });

  test("a body of another media type is refused as such", async () => {
    const { bearer, connect, send, url } = testCloud();
    const { access } = await connect();
    const answer = await send("POST", url("rest", "/interaction/v1/interactions"), {
      headers: { ...bearer(access), "content-type": "text/plain" },
      body: "{}",
    });
    expect(answer.status).toBe(415);
  });

  test("a right that the person lacks is a 403, whatever the token's scopes say", async () => {
    const { cloud, connect, get } = testCloud();
    const { access } = await connect();
    cloud.editUser(halden.subdomain, halden.dana, { permissions: ["email_read"] });
    const answer = await get(access, "/data/v1/customobjects/nothing");
    expect([answer.status, answer.json.message]).toEqual([
      403,
      "Insufficient privileges to complete this action.",
    ]);
  });

  test("lists say the total and page by parameters in any case", async () => {
    const { connect, get } = testCloud();
    const { access } = await connect();
    const { json } = await get(access, "/asset/v1/content/assets?$PageSize=4&$page=2");
    expect(json).toMatchObject({ page: 2, pageSize: 4 });
    expect(json.items).toHaveLength(4);
    expect(json.count).toBeGreaterThan(8);
    const mails = await get(
      access,
      "/asset/v1/content/assets?$filter=Name like 'welcome'&$orderBy=id desc",
    );
    const found = mails.json.items as { id: number; name: string }[];
    expect(found.length).toBeGreaterThan(3);
    expect(found.every(({ name }) => /welcome/i.test(name))).toBe(true);
    expect(found.map(({ id }) => id)).toEqual(found.map(({ id }) => id).sort((a, b) => b - a));
  });

  test("journeys and automations look like a company's", async () => {
    const { connect, get } = testCloud();
    const { access } = await connect();
    const journeys = (await get(access, "/interaction/v1/interactions?status=Published")).json;
    expect(journeys.items[0]).toMatchObject({ name: "Welcome series", workflowApiVersion: 1 });
    const automations = (await get(access, "/automation/v1/automations")).json;
    const one = (await get(access, `/automation/v1/automations/${automations.items[0].id}`)).json;
    expect(one).toMatchObject({ name: "Nightly import", status: "Scheduled" });
    expect(one.steps).toHaveLength(2);
  });
});

describe("rows", () => {
  const rowset = "/data/v1/customobjectdata/key";

  test("come in pages of 2500, with a next link that lacks the service prefix", async () => {
    const { connect, get } = testCloud();
    const { access } = await connect();
    const first = (await get(access, `${rowset}/orders/rowset`)).json;
    expect([first.count, first.items.length, first.pageSize]).toEqual([4200, 2500, 2500]);
    expect(Object.keys(first.items[0].keys)).toEqual(["orderid"]);
    expect(Object.keys(first.items[0].values)).toContain("customerid");
    expect(first.links.next).toMatch(/^\/v1\/customobjectdata\/token\//);
    const second = (await get(access, `/data${first.links.next}`)).json;
    expect(second.items).toHaveLength(1700);
    expect(second.links.next).toBeUndefined();
  });

  test("filter, order and choice of fields", async () => {
    const { connect, get } = testCloud();
    const { access } = await connect();
    const query = "$filter=Status eq 'returned' and Total gt 600&$orderBy=Total desc&$fields=Total";
    const { items } = (await get(access, `${rowset}/Orders/rowset?${query}`)).json;
    const totals = items.map(({ values }: { values: { total: string } }) => Number(values.total));
    expect(totals.length).toBeGreaterThan(3);
    expect(totals).toEqual([...totals].sort((a, b) => b - a));
    expect(Math.min(...totals)).toBeGreaterThan(600);
  });

  test("an empty data extension has no items, one without a key has no keys", async () => {
    const { connect, get } = testCloud();
    const { access } = await connect();
    const empty = (await get(access, `${rowset}/Winback_Audience/rowset`)).json;
    expect(empty.count).toBe(0);
    expect(empty).not.toHaveProperty("items");
    const keyless = (await get(access, `${rowset}/Click_Log/rowset?$pageSize=1`)).json;
    expect(keyless.items[0].keys).toEqual({});
  });

  test("a page token is good in its own business unit only", async () => {
    const { connect, get } = testCloud();
    const here = await connect();
    const there = await connect({}, halden.dana, { account_id: halden.mids.dach });
    const { links } = (await get(here.access, `${rowset}/Orders/rowset?$pageSize=10`)).json;
    expect((await get(there.access, `/data${links.next}`)).status).toBe(404);
  });

  test("an upsert changes one row and adds another", async () => {
    const { bearer, connect, get, send, url } = testCloud();
    const { access } = await connect();
    const rows = [
      { keys: { StoreId: "S000001" }, values: { City: "Trondheim" } },
      { keys: { StoreId: "S999999" }, values: { City: "Narvik" } },
    ];
    const answer = await send("POST", url("rest", "/hub/v1/dataevents/key:stores/rowset"), {
      headers: bearer(access),
      body: JSON.stringify(rows),
    });
    expect([answer.status, answer.json]).toEqual([200, rows]);
    const after = (await get(access, `${rowset}/Stores/rowset?$filter=City like 'n'`)).json;
    const cities = after.items.map(({ values }: { values: { city: string } }) => values.city);
    expect(cities).toEqual(expect.arrayContaining(["Trondheim", "Narvik"]));
  });

  test("a seed gives the same rows, each business unit its own", async () => {
    const read = async (account_id: number) => {
      const { connect, get } = testCloud();
      const { access } = await connect({}, halden.dana, { account_id });
      return (await get(access, `${rowset}/Customers/rowset?$pageSize=5`)).json.items;
    };
    expect(await read(halden.mids.dach)).toEqual(await read(halden.mids.dach));
    expect(await read(halden.mids.dach)).not.toEqual(await read(halden.mids.outlet));
  });
});
