import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import { makeId } from "#lib/simulator/salesforce/ids.ts";
import {
  type FieldValue,
  findField,
  findObject,
  type Row,
} from "#lib/simulator/salesforce/objects.ts";
import type { Org } from "#lib/simulator/salesforce/world.ts";

const firstNames =
  "Amara Björn Clara Diego Edith Farid Gemma Hugo Ilse Jamal Keiko Liam Mira Noah Olga Pablo Quinn Rania Silas Tessa Umar Vera Wanda Yusuf Zoë".split(
    " ",
  );
const lastNames =
  "Abbott Bianchi Castillo Dubois Eriksen Fischer Gupta Haddad Ivanova Jensen Kimura Larsen Moreau Novak O’Brien Petrov Rossi Santos Tanaka Ueda Vogel Weber Xu Young Zimmer".split(
    " ",
  );
const companyHeads =
  "Alder Birch Copper Delta Ember Fjord Granite Harbor Indigo Juniper Kestrel Lantern Meadow Nimbus Oakline Pebble Quarry Riverside Summit Tidewater Umber Verdant Willow Yarrow Zephyr".split(
    " ",
  );
const companyTails = ["Trading", "Hotels", "Logistics", "Foods", "Clinics", "Interiors", "Schools"];
const titles = ["Buyer", "Head of Marketing", "Store Manager", "Procurement Lead", "Owner", "CFO"];
const places: [string, string, string][] = [
  ["Hamburg", "Hamburg", "Germany"],
  ["Austin", "TX", "United States"],
  ["Guadalajara", "Jalisco", "Mexico"],
  ["Leeds", "England", "United Kingdom"],
  ["Oslo", "Oslo", "Norway"],
  ["Denver", "CO", "United States"],
];

const counts: Record<Org["kind"], number> = {
  production: 120,
  sandbox: 60,
  developer: 12,
  scratch: 0,
};
const startMs = Date.UTC(2025, 0, 6);
const dayMs = 86_400_000;
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Customers, people, leads, deals and campaigns of one org: the same for the same seed. */
export function seedRecords(
  org: Org,
  random: SeededRandom,
  add: (object: string, row: Record<string, FieldValue>) => Row,
): void {
  const owners = org.users.filter((user) => user.isActive && !user.isIntegration);
  const count = counts[org.kind];
  const make = (object: string, serial: number, row: Record<string, FieldValue>) => {
    const createdMs = startMs + random.int(0, 420) * dayMs + random.int(0, 86_399) * 1000;
    const stamp = new Date(createdMs).toISOString().replace("Z", "+0000");
    const prefix = findObject(object)?.keyPrefix as string;
    return add(object, {
      Id: makeId(prefix, org.pod, serial),
      OwnerId: random.pick(owners).id,
      CreatedDate: stamp,
      LastModifiedDate: stamp,
      SystemModstamp: stamp,
      IsDeleted: false,
      ...row,
    });
  };
  const pickFrom = (object: string, field: string): string => {
    const spec = findObject(object);
    return random.pick((spec && findField(spec, field)?.values) ?? [""]);
  };
  for (let at = 1; at <= count; at += 1) {
    const head = companyHeads[(at - 1) % companyHeads.length] as string;
    const tail = companyTails[Math.floor((at - 1) / companyHeads.length) % companyTails.length];
    const [city, state, country] = random.pick(places);
    const site = `${head}-${tail}`.toLowerCase();
    const account = make("Account", at, {
      Name: `${head} ${tail}`,
      Type: pickFrom("Account", "Type"),
      Industry: pickFrom("Account", "Industry"),
      Phone: `+1 555 01${String(at % 100).padStart(2, "0")}`,
      Website: `https://www.${site}.example`,
      BillingCity: city,
      BillingState: state,
      BillingCountry: country,
      AnnualRevenue: random.int(2, 900) * 50_000,
      NumberOfEmployees: random.int(3, 4000),
      ExternalKey__c: `ERP-${10_000 + at}`,
    });
    for (const place of [1, 2]) {
      const [first, last] = [random.pick(firstNames), random.pick(lastNames)];
      make("Contact", at * 2 + place, {
        FirstName: first,
        LastName: last,
        Name: `${first} ${last}`,
        AccountId: account.Id,
        Email: `${first}.${last}@${site}.example`
          .toLowerCase()
          .normalize("NFKD")
          .replaceAll(/[^a-z.@-]/g, ""),
        Title: random.pick(titles),
        MailingCity: city,
        MailingCountry: country,
        HasOptedOutOfEmail: random.int(1, 8) === 1,
        ExternalKey__c: `P-${20_000 + at * 2 + place}`,
      });
    }
    const stage = pickFrom("Opportunity", "StageName");
    make("Opportunity", at, {
      Name: `${head} ${tail}: ${random.pick(["spring order", "renewal", "pilot", "framework deal"])}`,
      AccountId: account.Id,
      StageName: stage,
      Amount: random.int(4, 400) * 500,
      Probability:
        { Prospecting: 10, Proposal: 50, Negotiation: 75, Won: 100, Lost: 0 }[stage] ?? 10,
      CloseDate: day(startMs + random.int(0, 700) * dayMs),
      Type: pickFrom("Opportunity", "Type"),
      LeadSource: pickFrom("Opportunity", "LeadSource"),
      IsClosed: stage === "Won" || stage === "Lost",
      IsWon: stage === "Won",
    });
    if (at % 2 === 0) {
      const [first, last] = [random.pick(firstNames), random.pick(lastNames)];
      make("Lead", at, {
        FirstName: first,
        LastName: last,
        Name: `${first} ${last}`,
        Company: `${random.pick(companyHeads)} ${random.pick(companyTails)}`,
        Email: `${first}.${last}@lead${at}.example`
          .toLowerCase()
          .normalize("NFKD")
          .replaceAll(/[^a-z0-9.@-]/g, ""),
        Status: pickFrom("Lead", "Status"),
        LeadSource: pickFrom("Lead", "LeadSource"),
        Rating: pickFrom("Lead", "Rating"),
        Title: random.pick(titles),
        Country: country,
        IsConverted: false,
      });
    }
    if (at % 20 === 0) {
      make("Campaign", at / 20, {
        Name: `${random.pick(["Spring", "Autumn", "Loyalty", "Store opening"])} ${2025 + (at % 2)} #${at / 20}`,
        Type: pickFrom("Campaign", "Type"),
        Status: pickFrom("Campaign", "Status"),
        StartDate: day(startMs + at * dayMs),
        IsActive: true,
        NumberSent: random.int(500, 90_000),
      });
    }
  }
}
