import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidInputError } from "#lib/core/errors.ts";
import {
  classify,
  companyKeyOf,
  type HostRefusalReason,
  installUrl,
  instanceHostAllowed,
  isSalesforceHost,
  loginHostFor,
  parseMyDomain,
  sandboxNameOf,
} from "#lib/providers/salesforce/hosts.ts";

const acme = "acme.my.salesforce.com";
const uat = "acme--uat.sandbox.my.salesforce.com";

describe("the login host of each choice", () => {
  test("production, sandbox, custom and demo", () => {
    const hostOf = (choice: Parameters<typeof loginHostFor>[0]) => loginHostFor(choice);
    expect(hostOf({ environment: "production" })).toEqual({
      ok: true,
      host: "login.salesforce.com",
    });
    expect(hostOf({ environment: "sandbox" })).toEqual({ ok: true, host: "test.salesforce.com" });
    expect(hostOf({ environment: "custom", customDomain: `https://${uat}/` })).toEqual({
      ok: true,
      host: uat,
    });
    expect(hostOf({ environment: "demo", demoLoginHost: acme })).toEqual({ ok: true, host: acme });
  });

  test("a custom choice without a domain, and a demo that is off or elsewhere, are refused", () => {
    expect(loginHostFor({ environment: "custom" })).toMatchObject({ reason: "empty" });
    expect(loginHostFor({ environment: "demo" })).toMatchObject({ reason: "demo_off" });
    expect(loginHostFor({ environment: "demo", demoLoginHost: "evil.example" })).toMatchObject({
      reason: "not_salesforce",
    });
  });

  test("a domain left over from another choice decides nothing", () => {
    const choice = loginHostFor({
      environment: "production",
      customDomain: acme,
      demoLoginHost: acme,
    });
    expect(choice).toEqual({ ok: true, host: "login.salesforce.com" });
  });
});

const taken: [input: string, host: string][] = [
  [acme, acme],
  [` ${acme}\n`, acme],
  ["ACME.My.Salesforce.com", acme],
  [`https://${acme}`, acme],
  [`HTTPS://${acme}:443/`, acme],
  [`https://${acme}/lightning/page/home?a=1#b`, acme],
  [uat, uat],
  ["acme--uat.my.salesforce.com", "acme--uat.my.salesforce.com"],
  ["acme-dev-ed.develop.my.salesforce.com", "acme-dev-ed.develop.my.salesforce.com"],
  ["acme.my.salesforce.mil", "acme.my.salesforce.mil"],
  ["acme.my.sfcrmproducts.cn", "acme.my.sfcrmproducts.cn"],
  ["https://acme.lightning.force.com/lightning/o/Account/list", acme],
  ["acme--uat.sandbox.lightning.force.com", uat],
  ["https://acme.my.salesforce-setup.com/lightning/setup/SetupOneHome/home", acme],
  ["acme--uat.sandbox.my.salesforce-setup.com", uat],
  ["https://acme--c.vf.force.com/apex/Page", acme],
  ["acme--uat--c.sandbox.vf.force.com", uat],
  ["acme-dev-ed--c.develop.vf.force.com", "acme-dev-ed.develop.my.salesforce.com"],
  ["acme.lightning.crmforce.mil", "acme.my.salesforce.mil"],
];

const refused: [input: string, reason: HostRefusalReason][] = [
  ["", "empty"],
  ["   ", "empty"],
  ["a".repeat(3000), "too_long"],
  [`http://${acme}`, "not_https"],
  [`ftp://${acme}`, "not_https"],
  ["javascript://acme.my.salesforce.com/%0aalert(1)", "not_https"],
  ["javascript:alert(1)", "bad_label"],
  [`https://user@${acme}`, "has_credentials"],
  [`https://@${acme}`, "has_credentials"],
  [`https://user:pw@${acme}`, "has_credentials"],
  [`${acme}@evil.example`, "has_credentials"],
  [`https://${acme}%40evil.example`, "bad_label"],
  [`https://evil.example\\@${acme}`, "has_credentials"],
  [`https://evil.example\\.${acme}`, "bad_label"],
  [`https://${acme}\\@evil.example`, "has_credentials"],
  [`https://${acme}:8443`, "has_port"],
  [`${acme}:80`, "has_port"],
  [`${acme}:`, "bad_label"],
  [`https://${acme}.`, "trailing_dot"],
  [`${acme}..`, "trailing_dot"],
  ["https://127.0.0.1", "ip_address"],
  ["https://2130706433", "ip_address"],
  ["https://0x7f000001", "ip_address"],
  ["https://0177.0.0.1", "ip_address"],
  ["https://127.1", "ip_address"],
  ["https://[::1]", "ip_address"],
  ["https://[::ffff:127.0.0.1]:443/", "ip_address"],
  ["localhost", "bad_label"],
  ["acme", "bad_label"],
  [".my.salesforce.com", "bad_label"],
  ["-acme.my.salesforce.com", "bad_label"],
  ["acme-.my.salesforce.com", "bad_label"],
  ["acme..my.salesforce.com", "bad_label"],
  ["ac_me.my.salesforce.com", "bad_label"],
  ["*.my.salesforce.com", "bad_label"],
  ["xn--acme-1na.my.salesforce.com", "bad_label"],
  [`${"a".repeat(64)}.my.salesforce.com`, "bad_label"],
  ["ac%6De.my.salesforce.com", "bad_label"],
  ["acme%2emy.salesforce.com", "bad_label"],
  ["https:acme.my.salesforce.com", "bad_label"],
  ["https:/acme.my.salesforce.com", "bad_label"],
  ["https:///acme.my.salesforce.com", "bad_label"],
  ["//acme.my.salesforce.com", "bad_label"],
  ["аcme.my.salesforce.com", "not_ascii"],
  ["acme。my。salesforce。com", "not_ascii"],
  ["acme.my.salesforce.com\u200b", "not_ascii"],
  ["ａcme.my.salesforce.com", "not_ascii"],
  ["acme .my.salesforce.com", "not_ascii"],
  ["acme\t.my.salesforce.com", "not_ascii"],
  ["acme\n.my.salesforce.com", "not_ascii"],
  ["acme\u0000.my.salesforce.com", "not_ascii"],
  ["login.salesforce.com", "generic_login"],
  ["https://test.salesforce.com/", "generic_login"],
  ["acme.my.site.com", "experience_site"],
  ["https://acme.force.com/portal", "experience_site"],
  ["acme--c.na12.visual.force.com", "legacy_host"],
  ["na12.salesforce.com", "legacy_host"],
  ["cs4.salesforce.com", "legacy_host"],
  ["mc1234567890.auth.marketingcloudapis.com", "marketing_cloud"],
  ["my.salesforce.com", "not_salesforce"],
  ["salesforce.com", "not_salesforce"],
  ["evil.example", "not_salesforce"],
  ["acme.my.salesforce.com.evil.example", "not_salesforce"],
  ["acmemy.salesforce.com", "not_salesforce"],
  ["evilmy-salesforce.com", "not_salesforce"],
  ["a.b.c.my.salesforce.com", "not_salesforce"],
  ["login.salesforce.com.evil.example", "not_salesforce"],
  ["lightning.force.com", "not_salesforce"],
  ["acme.vf.force.com", "not_salesforce"],
  ["acme--uat--c.vf.force.com", "not_salesforce"],
  ["acme.my-lightning.com", "not_salesforce"],
  ["acme.my.salesforce.co", "not_salesforce"],
];

describe("what a person enters", () => {
  for (const [input, host] of taken) {
    test(`[NET-2] ${JSON.stringify(input)} is ${host}`, () => {
      expect(parseMyDomain(input)).toEqual({ ok: true, host });
    });
  }

  for (const [input, reason] of refused) {
    test(`[NET-2] ${JSON.stringify(input.slice(0, 80))} is refused: ${reason}`, () => {
      const choice = parseMyDomain(input);
      expect(choice).toMatchObject({ ok: false, reason });
      expect(
        !choice.ok && choice.message.length > 10 && !choice.message.includes("undefined"),
      ).toBe(true);
    });
  }

  const suffix =
    /^[a-z0-9-]+(?:\.[a-z0-9-]+)?\.my(?:\.salesforce\.(?:com|mil)|\.sfcrmproducts\.cn|-salesforce\.com)$/;
  const piece = fc.oneof(
    fc.constantFrom(
      "acme",
      "https://",
      "http://",
      "//",
      "@",
      ":",
      ":443",
      ".",
      "/",
      "\\",
      "?",
      "#",
      "%2e",
      "%00",
      "..",
      "--",
      "xn--",
      "[::1]",
      "127.0.0.1",
      ".my.salesforce.com",
      "my.salesforce.com",
      ".lightning.force.com",
      ".vf.force.com",
      "evil.example",
      "。",
      "\t",
      "\n",
      " ",
      "１",
    ),
    fc.string({ maxLength: 4 }),
  );
  const hostile = fc.oneof(
    fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join("")),
    fc.tuple(piece, piece).map(([a, b]) => `${a}acme.my.salesforce.com${b}`),
    fc.webUrl(),
  );

  test("[NET-2] whatever is entered, what is taken is a My Domain host that parses to itself", () => {
    fc.assert(
      fc.property(hostile, (input) => {
        const choice = parseMyDomain(input);
        if (!choice.ok) return;
        expect(choice.host).toMatch(suffix);
        const url = new URL(`https://${choice.host}/x`);
        expect([url.hostname, url.port, url.username, url.pathname]).toEqual([
          choice.host,
          "",
          "",
          "/x",
        ]);
        expect(parseMyDomain(choice.host)).toEqual(choice);
      }),
      { numRuns: 20_000 },
    );
  });

  test("[NET-2] what is taken from an address is the host that a browser would open, or its My Domain", () => {
    const org = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
    const ending = fc.constantFrom(
      ".my.salesforce.com",
      ".lightning.force.com",
      ".my.salesforce-setup.com",
    );
    const tail = fc.oneof(
      fc.constantFrom(
        "",
        "/",
        ":443",
        "/a@b",
        "?x=@y",
        "#@z",
        "@evil.example",
        ".evil.example",
        "\\@evil.example",
        ":1",
      ),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(org, ending, tail, (name, end, rest) => {
        const choice = parseMyDomain(`https://${name}${end}${rest}`);
        if (!choice.ok) return;
        expect(new URL(`https://${name}${end}${rest}`.trim()).hostname).toBe(name + end);
        expect(choice.host).toBe(`${name}.my.salesforce.com`);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("hosts we may call", () => {
  test("[NET-2] only in the exact form that is sent", () => {
    const good = ["login.salesforce.com", "test.salesforce.com", acme, uat];
    const bad = [
      "",
      "LOGIN.salesforce.com",
      `https://${acme}`,
      `${acme}/`,
      `${acme}:443`,
      `${acme}.`,
      `${acme}\n`,
      "salesforce.com",
      "acme.lightning.force.com",
      "a.b.c.my.salesforce.com",
    ];
    expect([good.filter((host) => !isSalesforceHost(host)), bad.filter(isSalesforceHost)]).toEqual([
      [],
      [],
    ]);
  });

  test("[OA-8] after login. or test. any My Domain may be the instance, and nothing else", () => {
    for (const login of ["login.salesforce.com", "test.salesforce.com"]) {
      expect([acme, uat].every((host) => instanceHostAllowed(host, login))).toBe(true);
      const others = [
        "login.salesforce.com",
        "evil.example",
        "acme.my.salesforce.com.evil.example",
        "na12.salesforce.com",
        "",
      ];
      expect(others.some((host) => instanceHostAllowed(host, login))).toBe(false);
    }
  });

  test("[OA-8] a My Domain login pins its own host", () => {
    expect(instanceHostAllowed(acme, acme)).toBe(true);
    for (const other of [
      uat,
      "other.my.salesforce.com",
      "acme.my.salesforce.mil",
      "evil.example",
    ]) {
      expect(instanceHostAllowed(other, acme)).toBe(false);
    }
    expect(instanceHostAllowed("evil.example", "evil.example")).toBe(false);
  });
});

describe("what a host's name says", () => {
  const rows: [host: string, kind: string, company: string | null, sandbox: string | null][] = [
    [acme, "production", "acme", null],
    [uat, "sandbox", "acme", "uat"],
    ["acme--uat.my.salesforce.com", "sandbox", "acme", "uat"],
    ["acme--uat.cs12.my.salesforce.com", "sandbox", "acme", "uat"],
    ["acme-dev-ed.develop.my.salesforce.com", "developer", "acme-dev-ed", null],
    ["acme-dev-ed.my.salesforce.com", "developer", "acme-dev-ed", null],
    ["data-energy-1.scratch.my.salesforce.com", "scratch", "data-energy-1", null],
    ["cunning-bear.trailblaze.my.salesforce.com", "trailhead", "cunning-bear", null],
    ["acme.demo.my.salesforce.com", "demo", "acme", null],
    ["acme.patch.my.salesforce.com", "other", "acme", null],
    ["acme.constructor.my.salesforce.com", "other", "acme", null],
    ["login.salesforce.com", "production", null, null],
    ["test.salesforce.com", "sandbox", null, null],
    ["evil.example", "other", null, null],
  ];
  for (const [host, kind, company, sandbox] of rows) {
    test(`${host} is ${kind}`, () => {
      expect([classify(host), companyKeyOf(host), sandboxNameOf(host)]).toEqual([
        kind,
        company,
        sandbox,
      ]);
    });
  }
});

describe("the install link", () => {
  test("leads to the chosen host", () => {
    expect(installUrl("test.salesforce.com", "04tfj000000GGiLAAW")).toBe(
      "https://test.salesforce.com/packaging/installPackage.apexp?p0=04tfj000000GGiLAAW",
    );
  });

  test("is not made for other hosts, or for what is no package version", () => {
    const pairs = [
      ["evil.example", "04tfj000000GGiLAAW"],
      [acme, "04tfj000000GGiL&x=1"],
      [acme, "033fj000000GGiLAAW"],
      [acme, ""],
    ] as const;
    for (const [host, id] of pairs) expect(() => installUrl(host, id)).toThrow(InvalidInputError);
  });
});
