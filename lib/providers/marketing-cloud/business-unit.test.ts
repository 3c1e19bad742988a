import { expect, test } from "vitest";
import { Secret } from "#lib/core/secret.ts";
import type { Egress, EgressRequest } from "#lib/egress/egress.ts";
import { providerAddresses } from "#lib/providers/addresses.ts";
import { listBusinessUnits } from "#lib/providers/marketing-cloud/business-unit.ts";

const hosts = {
  instanceHost: null,
  restHost: null,
  soapHost: "mcacme1.soap.marketingcloudapis.com",
};
const connection = {
  environment: "production",
  tokenHost: "mcacme1.auth.marketingcloudapis.com",
  accountId: null,
} as const;

/** A tenant that answers these bodies in turn, the last one for ever. */
function tenant(...answers: readonly (string | { status: number; body: string })[]) {
  const sent: EgressRequest[] = [];
  const egress = {
    send: async (request: EgressRequest) => {
      const answer = answers[Math.min(sent.length, answers.length - 1)] ?? "";
      sent.push(request);
      const { status, body } = typeof answer === "string" ? { status: 200, body: answer } : answer;
      return { status, headers: new Headers(), body: Buffer.from(body) };
    },
    close: async () => undefined,
  } as unknown as Egress;
  const deps = { egress, addresses: providerAddresses({ demoOrigin: null }) };
  const list = () => listBusinessUnits(deps, connection, hosts, new Secret("token <&> text"));
  return { sent, list };
}

const unit = (id: string, name: string, parent = "0", isActive = "true") =>
  `<Results xsi:type="BusinessUnit"><PartnerKey xsi:nil="true"/><ID>${id}</ID><ParentID>${parent}</ParentID><Name>${name}</Name><IsActive>${isActive}</IsActive></Results>`;
const answer = (results: string, status = "OK", requestId = "r-1") =>
  `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body><RetrieveResponseMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><OverallStatus>${status}</OverallStatus><RequestID>${requestId}</RequestID>${results}</RetrieveResponseMsg></soap:Body></soap:Envelope>`;
const fault = (text: string) => ({
  status: 500,
  body: `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault><faultcode>q0:Security</faultcode><faultstring>${text}</faultstring></soap:Fault></soap:Body></soap:Envelope>`,
});

test("pages are followed by the request id of the page before, the token escaped in its header alone", async () => {
  const { sent, list } = tenant(
    answer(unit("100", "Acme"), "MoreDataAvailable", "next-1"),
    answer(unit("101", "Acme Nordics", "100", "false"), "OK", "next-2"),
  );
  expect(await list()).toEqual({
    kind: "listed",
    isWhole: true,
    units: [
      { accountId: 100, name: "Acme", parentId: null, isActive: true },
      { accountId: 101, name: "Acme Nordics", parentId: 100, isActive: false },
    ],
  });
  const bodies = sent.map(({ body }) => String(body));
  expect(bodies[0]).not.toContain("ContinueRequest");
  expect(bodies[1]).toContain("<ContinueRequest>next-1</ContinueRequest>");
  for (const body of bodies) {
    expect(body).toContain("<QueryAllAccounts>true</QueryAllAccounts>");
    expect(body).toContain(
      '<fueloauth xmlns="http://exacttarget.com">token &lt;&amp;&gt; text</fueloauth>',
    );
  }
  expect(JSON.stringify(sent.map(({ headers, path }) => [headers, path]))).not.toContain("token <");
});

test("what is no unit is left out, a MID that comes twice counts once, a unit above itself is at the top", async () => {
  const { list } = tenant(
    answer(
      [
        unit("100", "Acme"),
        unit("100", "Acme again"),
        unit("", "no id"),
        unit("-5", "below zero"),
        unit("1e3", "not digits"),
        unit("0", "zero"),
        unit("9999999999999", "thirteen digits"),
        unit("101", "own parent", "101"),
        unit("102", "odd parent", "' or 1=1"),
        "<Results/>",
        "<Results>text</Results>",
        "<Results><ID><ID>103</ID></ID><Name>nested</Name></Results>",
      ].join(""),
    ),
  );
  const listed = await list();
  expect(listed).toMatchObject({ kind: "listed", isWhole: true });
  expect(listed.kind === "listed" && listed.units.map((one) => [one.accountId, one.name])).toEqual([
    [100, "Acme"],
    [101, "own parent"],
    [102, "odd parent"],
  ]);
  expect(listed.kind === "listed" && listed.units.map((one) => one.parentId)).toEqual([
    null,
    null,
    null,
  ]);
});

test("[WEB-9] a name is one line of text, whatever the tenant calls a unit", async () => {
  const names = [
    ["&lt;img src=x onerror=alert(1)&gt;", "<img src=x onerror=alert(1)>"],
    ["Acme <b>bold</b> unit", ""],
    ["a&#0;b&#x202e;c&#10;d&#xD800;e", "abc de"],
    ["  many \n\t spaces ", "many spaces"],
    ["&amp;lt;once&amp;gt;", "&lt;once&gt;"],
    ["&unknown; &nbsp;", "&unknown; &nbsp;"],
    ["__proto__", "__proto__"],
    ["x".repeat(100_000), `${"x".repeat(199)}…`],
  ] as const;
  const { list } = tenant(answer(names.map(([raw], at) => unit(String(at + 1), raw)).join("")));
  const listed = await list();
  expect(listed.kind === "listed" && listed.units.map(({ name }) => name)).toEqual(
    names.map(([, shown]) => shown),
  );
});

test("a tenant that never stops is cut off", async () => {
  const same = tenant(answer(unit("100", "Acme"), "MoreDataAvailable", "again"));
  expect(await same.list()).toMatchObject({ kind: "listed", isWhole: false });
  expect(same.sent).toHaveLength(2);
  const pages = Array.from({ length: 40 }, (_, at) =>
    answer(unit(String(at + 1), "unit"), "MoreDataAvailable", `r-${at}`),
  );
  const endless = tenant(...pages);
  const listed = await endless.list();
  expect(listed).toMatchObject({ kind: "listed", isWhole: false });
  expect(endless.sent).toHaveLength(8);
});

const refusals = [
  ["the token has ended", fault("Token Expired"), "reconnect_required"],
  ["the token is not taken", fault("Login Failed"), "reconnect_required"],
  [
    "the token is malformed",
    fault("SOAP Authorization failed for Oauth token: x Reason: ParseError."),
    "reconnect_required",
  ],
  ["no right to see units", answer("", "Error: API Permission Failed."), "api_access_denied"],
  ["a fault of the server", fault("Internal Server Error"), "provider_down"],
  ["another error status", answer("", "Error: something else"), "provider_down"],
  ["too many calls", { status: 429, body: "{}" }, "rate_limited"],
  ["a page for people", "<html><body>Sign in</body></html>", "answer_not_trusted"],
  ["a proxy's error page", { status: 502, body: "<html>Bad gateway</html>" }, "provider_down"],
  ["nothing", "", "answer_not_trusted"],
  ["a broken document", "<soap:Envelope><soap:Body>", "answer_not_trusted"],
  [
    "a document type",
    `<!DOCTYPE x [<!ENTITY a "aaaa">]>${answer(unit("100", "&a;"))}`,
    "answer_not_trusted",
  ],
  ["absurd depth", `${"<a>".repeat(5_000)}${"</a>".repeat(5_000)}`, "answer_not_trusted"],
] as const;

test.each(refusals)("%s: a reason, never a crash", async (_case, body, reason) => {
  expect(await tenant(body).list()).toEqual({ kind: "refused", reason });
});

test("names that a parser might trip over change nothing", async () => {
  const odd =
    "<__proto__><ID>1</ID></__proto__><constructor><prototype>x</prototype></constructor>";
  const { list } = tenant(answer(`${odd}${unit("100", "Acme")}`));
  const listed = await list();
  expect(listed.kind === "refused" || listed.units.length === 1).toBe(true);
  expect(({} as Record<string, unknown>).ID).toBeUndefined();
});
