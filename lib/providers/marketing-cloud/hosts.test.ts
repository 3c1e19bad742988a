import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isMarketingCloudHost,
  isTenantSubdomain,
  parseTenant,
  sameTenant,
  type Tenant,
  type TenantRefusalReason,
  tenantOfHost,
} from "#lib/providers/marketing-cloud/hosts.ts";

const subdomain = "mc563885gzs27c5t9-63k636ttgm";
const tenant: Tenant = {
  subdomain,
  authHost: `${subdomain}.auth.marketingcloudapis.com`,
  restHost: `${subdomain}.rest.marketingcloudapis.com`,
  soapHost: `${subdomain}.soap.marketingcloudapis.com`,
};

const taken = [
  subdomain,
  ` ${subdomain.toUpperCase()} `,
  tenant.authHost,
  tenant.restHost,
  tenant.soapHost,
  `https://${tenant.authHost}`,
  `https://${tenant.authHost}/`,
  `HTTPS://${tenant.restHost.toUpperCase()}:443/`,
  `https://${tenant.soapHost}/Service.asmx`,
  `${tenant.soapHost}/service.asmx`,
  `https://${tenant.authHost}/v2/token`,
  `https://${tenant.authHost}/v2/authorize`,
];

const refused: [input: string, reason: TenantRefusalReason][] = [
  ["", "empty"],
  ["mc", "bad_subdomain"],
  ["mc12", "bad_subdomain"],
  ["acme", "bad_subdomain"],
  ["mc1234567890-", "bad_subdomain"],
  [`mc${"a".repeat(62)}`, "bad_subdomain"],
  ["acme.auth.marketingcloudapis.com", "bad_subdomain"],
  ["-mc123.auth.marketingcloudapis.com", "bad_label"],
  ["mc123-.auth.marketingcloudapis.com", "bad_label"],
  [`http://${tenant.authHost}`, "not_https"],
  [`https://${tenant.authHost}:8443`, "has_port"],
  [`https://a@${tenant.authHost}`, "has_credentials"],
  [`https://${tenant.authHost}@evil.example`, "has_credentials"],
  [`https://${tenant.authHost}.`, "trailing_dot"],
  [`https://evil.example\\.${tenant.authHost}`, "bad_label"],
  ["https://127.0.0.1", "ip_address"],
  ["https://[::1]/", "ip_address"],
  ["мc1234567890", "not_ascii"],
  [`${subdomain}\u200b`, "not_ascii"],
  [`${subdomain}。auth.marketingcloudapis.com`, "not_ascii"],
  [`https://${tenant.restHost}/asset/v1/content`, "has_path"],
  [`https://${tenant.restHost}/?a=1`, "has_path"],
  [`https://${tenant.authHost}/#x`, "has_path"],
  ["auth.marketingcloudapis.com", "no_tenant"],
  ["https://marketingcloudapis.com/", "no_tenant"],
  ["auth.exacttargetapis.com", "legacy_host"],
  ["https://www.exacttargetapis.com/", "legacy_host"],
  ["https://webservice.s7.exacttarget.com/Service.asmx", "legacy_host"],
  ["https://mc.s10.marketingcloud.com/cloud/", "app_host"],
  ["acme.my.salesforce.com", "app_host"],
  [`${tenant.authHost}.evil.example`, "not_marketing_cloud"],
  ["evilmarketingcloudapis.com", "not_marketing_cloud"],
  [`${subdomain}.auth.marketingcloudapis.co`, "not_marketing_cloud"],
  [`${subdomain}.evil.marketingcloudapis.com`, "not_marketing_cloud"],
  [`evil.${tenant.authHost}`, "not_marketing_cloud"],
  [`${subdomain}.auth.rest.marketingcloudapis.com`, "not_marketing_cloud"],
  ["evil.example", "not_marketing_cloud"],
];

describe("what a person enters", () => {
  for (const input of taken) {
    test(`[NET-2] ${JSON.stringify(input)} gives all three hosts`, () => {
      expect(parseTenant(input)).toEqual({ ok: true, tenant });
    });
  }

  for (const [input, reason] of refused) {
    test(`[NET-2] ${JSON.stringify(input)} is refused: ${reason}`, () => {
      const choice = parseTenant(input);
      expect(choice).toMatchObject({ ok: false, reason });
      expect(
        !choice.ok && choice.message.length > 10 && !choice.message.includes("undefined"),
      ).toBe(true);
    });
  }

  const piece = fc.oneof(
    fc.constantFrom(
      "mc12345",
      "https://",
      "http:",
      "//",
      "@",
      ":",
      ".",
      "/",
      "\\",
      "?",
      "#",
      "%2e",
      "-",
      "xn--",
      "[::1]",
      "127.0.0.1",
      ".auth.marketingcloudapis.com",
      ".marketingcloudapis.com",
      "evil.example",
      "Service.asmx",
      "。",
      "\t",
      " ",
    ),
    fc.string({ maxLength: 4 }),
  );
  const hostile = fc.oneof(
    fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join("")),
    fc.tuple(piece, piece).map(([a, b]) => `${a}${tenant.authHost}${b}`),
    fc.webUrl(),
  );

  test("[NET-2] whatever is entered, what is taken are three hosts of one well-formed tenant", () => {
    fc.assert(
      fc.property(hostile, (input) => {
        const choice = parseTenant(input);
        if (!choice.ok) return;
        const { subdomain: name, authHost, restHost, soapHost } = choice.tenant;
        expect(name).toMatch(/^mc[a-z0-9-]{2,60}[a-z0-9]$/);
        expect([authHost, restHost, soapHost]).toEqual(
          ["auth", "rest", "soap"].map((role) => `${name}.${role}.marketingcloudapis.com`),
        );
        expect(new URL(`https://${authHost}/x`).hostname).toBe(authHost);
        expect(parseTenant(authHost)).toEqual(choice);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe("hosts we may call", () => {
  test("[NET-2] only a tenant's auth, REST and SOAP hosts, in the exact form that is sent", () => {
    const good = [tenant.authHost, tenant.restHost, tenant.soapHost];
    const bad = [
      subdomain,
      "",
      tenant.authHost.toUpperCase(),
      `${tenant.authHost}.`,
      `${tenant.authHost}:443`,
      `${tenant.authHost}/`,
      `${tenant.authHost}\n`,
      "acme.auth.marketingcloudapis.com",
      `${subdomain}.www.marketingcloudapis.com`,
      `mc${"a".repeat(70)}.auth.marketingcloudapis.com`,
    ];
    expect([
      good.filter((host) => !isMarketingCloudHost(host)),
      bad.filter(isMarketingCloudHost),
    ]).toEqual([[], []]);
    expect(good.map(tenantOfHost)).toEqual([subdomain, subdomain, subdomain]);
    expect(isTenantSubdomain("mc1234567890")).toBe(true);
  });
});

test("a REST address of another tenant is refused with both tenants named", () => {
  const other = parseTenant("https://mc1234567890.rest.marketingcloudapis.com/");
  if (!other.ok) throw new Error("must be taken");
  expect(sameTenant(tenant, tenant)).toEqual({ ok: true });
  const refusal = sameTenant(tenant, other.tenant);
  expect(refusal).toMatchObject({ ok: false, reason: "other_tenant" });
  expect(!refusal.ok && refusal.message).toContain(`${subdomain} and mc1234567890`);
});
