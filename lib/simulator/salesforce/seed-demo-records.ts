import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import {
  campaignKinds,
  caseSubjects,
  companyHeads,
  companyTails,
  dealKinds,
  demoPeople,
  departments,
  oddCompanies,
  oddNames,
  otherScripts,
  places,
  titles,
} from "#lib/simulator/salesforce/demo-names.ts";
import { makeId } from "#lib/simulator/salesforce/ids.ts";
import {
  type FieldValue,
  findField,
  findObject,
  type Row,
} from "#lib/simulator/salesforce/objects.ts";
import type { Org } from "#lib/simulator/salesforce/world.ts";

/** How much of everything the demo's production org holds; `Gift_Card__c` stays empty. */
export const demoCounts = {
  Account: 400,
  Contact: 5000,
  Lead: 1200,
  Opportunity: 800,
  Case: 600,
  Campaign: 40,
  CampaignMember: 2000,
  Loyalty_Account__c: 900,
} as const;

type Values = Record<string, FieldValue>;
type Add = (object: string, row: Values) => Row;

const startMs = Date.UTC(2023, 2, 6);
const spanDays = 960;
const dayMs = 86_400_000;
const stampOf = (ms: number) => new Date(ms).toISOString().replace("Z", "+0000");
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const plain = (text: string) =>
  text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "");

/**
 * A shop's customers, people, leads, deals, cases, campaigns and members: the same for the same seed.
 * A few rows are odd on purpose: other scripts, invisible and direction-changing characters, markup,
 * nothing but a name, a text as long as its field.
 */
export function seedDemoRecords(org: Org, random: SeededRandom, add: Add): void {
  const next = quick(random.int(1, 2 ** 31 - 1));
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(list: readonly T[]): T => list[int(0, list.length - 1)] as T;
  const owners = org.users.filter((user) => user.isActive && !user.isIntegration);
  const choices = (object: string, field: string): readonly string[] => {
    const spec = findObject(object);
    return (spec && findField(spec, field)?.values) ?? [];
  };
  const make = (object: string, serial: number, row: Values): Row => {
    const createdMs = startMs + int(0, spanDays - 60) * dayMs + int(0, 86_399) * 1000;
    const changedMs = createdMs + int(0, 60) * dayMs;
    return add(object, {
      Id: makeId(findObject(object)?.keyPrefix as string, org.pod, serial),
      ...(object === "CampaignMember" ? {} : { OwnerId: pick(owners).id }),
      CreatedDate: stampOf(createdMs),
      LastModifiedDate: stampOf(changedMs),
      SystemModstamp: stampOf(changedMs),
      IsDeleted: false,
      ...row,
    });
  };
  const nameOf = (at: number, odd: number) => {
    const scripted = at % 83 === 0 ? otherScripts[(at / 83) % otherScripts.length] : undefined;
    const [first, last] = oddNames[at - odd] ??
      scripted ?? [pick(demoPeople.first), pick(demoPeople.last)];
    return { FirstName: first, LastName: last, Name: first ? `${first} ${last}` : last };
  };
  const mail = (person: { FirstName: string | null; LastName: string }, tail: string) =>
    `${plain(person.FirstName ?? "") || "hello"}.${plain(person.LastName) || "team"}@${tail}.example`;

  const recordTypes = seedRecordTypes(org, add);
  const accounts: Row[] = [];
  for (let at = 1; at <= demoCounts.Account; at += 1) {
    const head = companyHeads[(at - 1) % companyHeads.length] as string;
    const tail = companyTails[Math.floor((at - 1) / companyHeads.length) % companyTails.length];
    const name = oddCompanies[at - 50] ?? `${head} ${tail}`;
    const [city, state, country] = pick(places);
    const isBare = at % 97 === 0;
    const row: Values = isBare
      ? { Name: name }
      : {
          Name: name,
          Type: pick(choices("Account", "Type")),
          Industry: pick(choices("Account", "Industry")),
          Phone: `+1 555 ${String(1000 + at)}`,
          Website: `https://www.${plain(head)}-${plain(tail ?? "")}.example`,
          BillingStreet: `${int(1, 240)} ${pick(["Mill Lane", "Ridge Road", "Station Street"])}`,
          BillingCity: city,
          BillingState: state,
          BillingPostalCode: String(int(10_000, 99_999)),
          BillingCountry: country,
          AnnualRevenue: int(2, 900) * 50_000,
          NumberOfEmployees: int(3, 4000),
          Description: at === 7 ? longText : at % 9 === 0 ? "Prefers calls before ten." : null,
          ParentId: at > 40 && at % 25 === 0 ? (pick(accounts.slice(0, 40)).Id as string) : null,
        };
    accounts.push(
      make("Account", at, {
        ...row,
        RecordTypeId: recordTypes[at % 5 === 0 ? "Account.Store" : "Account.Business"] ?? null,
        ExternalKey__c: isBare ? null : `ERP-${10_000 + at}`,
      }),
    );
  }
  const contacts: Row[] = [];
  for (let at = 1; at <= demoCounts.Contact; at += 1) {
    const person = nameOf(at, 20);
    // Every fortieth customer walked in from the street: no company.
    const account = at % 40 === 0 ? null : pick(accounts);
    const [city, , country] = pick(places);
    contacts.push(
      make("Contact", at, {
        ...person,
        AccountId: account?.Id ?? null,
        Email: at % 61 === 0 ? null : mail(person, `customer${at}`),
        Phone: at % 3 === 0 ? null : `+1 555 ${String(20_000 + at)}`,
        MobilePhone: at % 4 === 0 ? `+1 555 ${String(60_000 + at)}` : null,
        Title: account ? pick(titles) : null,
        Department: account ? pick(departments) : null,
        MailingCity: city,
        MailingCountry: country,
        Description: at === 21 ? longText : null,
        HasOptedOutOfEmail: int(1, 8) === 1,
        Birthdate: at % 5 === 0 ? dayOf(Date.UTC(1950 + int(0, 55), int(0, 11), int(1, 28))) : null,
        ExternalKey__c: `P-${20_000 + at}`,
      }),
    );
  }
  const leads: Row[] = [];
  for (let at = 1; at <= demoCounts.Lead; at += 1) {
    const person = nameOf(at, 10);
    leads.push(
      make("Lead", at, {
        ...person,
        Company:
          at % 211 === 0 ? pick(oddCompanies) : `${pick(companyHeads)} ${pick(companyTails)}`,
        Email: at % 37 === 0 ? null : mail(person, `lead${at}`),
        Phone: at % 2 ? `+1 555 ${String(80_000 + at)}` : null,
        Status: pick(choices("Lead", "Status")),
        LeadSource: pick(choices("Lead", "LeadSource")),
        Rating: at % 6 === 0 ? null : pick(choices("Lead", "Rating")),
        Title: pick(titles),
        Country: pick(places)[2],
        IsConverted: false,
      }),
    );
  }
  const campaigns: Row[] = [];
  for (let at = 1; at <= demoCounts.Campaign; at += 1) {
    const fromMs = startMs + at * 22 * dayMs;
    campaigns.push(
      make("Campaign", at, {
        Name: `${campaignKinds[at % campaignKinds.length]} ${2023 + Math.floor(at / 16)} #${at}`,
        Type: pick(choices("Campaign", "Type")),
        Status: pick(choices("Campaign", "Status")),
        StartDate: dayOf(fromMs),
        EndDate: at % 5 === 0 ? null : dayOf(fromMs + int(3, 40) * dayMs),
        IsActive: at > 25,
        NumberSent: int(0, 90_000),
        ParentId: at > 20 && at % 7 === 0 ? (campaigns[3]?.Id ?? null) : null,
      }),
    );
  }
  for (let at = 1; at <= demoCounts.CampaignMember; at += 1) {
    const isLead = at % 5 === 0;
    // Nobody comes up twice, so nobody is a member of one campaign twice.
    const who = (isLead ? leads[at / 5] : contacts[(at * 7) % contacts.length]) as Row;
    const status = pick(choices("CampaignMember", "Status"));
    make("CampaignMember", at, {
      CampaignId: campaigns[at % campaigns.length]?.Id ?? null,
      [isLead ? "LeadId" : "ContactId"]: who.Id,
      Name: who.Name as string,
      Status: status,
      HasResponded: status !== "Sent" && status !== "Opened",
      FirstRespondedDate: status === "Sent" ? null : dayOf(startMs + int(0, spanDays) * dayMs),
    });
  }
  for (let at = 1; at <= demoCounts.Opportunity; at += 1) {
    const account = pick(accounts);
    const stage = pick(choices("Opportunity", "StageName"));
    make("Opportunity", at, {
      Name: `${account.Name}: ${pick(dealKinds)}`,
      AccountId: account.Id,
      StageName: stage,
      Amount: at % 31 === 0 ? null : int(4, 400) * 500,
      Probability:
        { Prospecting: 10, Proposal: 50, Negotiation: 75, Won: 100, Lost: 0 }[stage] ?? 10,
      CloseDate: dayOf(startMs + int(0, spanDays + 200) * dayMs),
      Type: pick(choices("Opportunity", "Type")),
      LeadSource: pick(choices("Opportunity", "LeadSource")),
      CampaignId: at % 6 === 0 ? (pick(campaigns).Id as string) : null,
      RecordTypeId:
        recordTypes[at % 4 === 0 ? "Opportunity.Rental" : "Opportunity.Wholesale"] ?? null,
      IsClosed: stage === "Won" || stage === "Lost",
      IsWon: stage === "Won",
    });
  }
  for (let at = 1; at <= demoCounts.Case; at += 1) {
    const reason = pick(choices("Case", "Reason"));
    const contact = pick(contacts);
    const status = pick(choices("Case", "Status"));
    make("Case", at, {
      CaseNumber: String(1000 + at).padStart(8, "0"),
      Subject: at % 120 === 0 ? null : pick(caseSubjects[reason] ?? [reason]),
      Description: at === 12 ? longText : null,
      Status: status,
      Priority: pick(choices("Case", "Priority")),
      Origin: pick(choices("Case", "Origin")),
      Reason: reason,
      ContactId: contact.Id,
      AccountId: contact.AccountId ?? null,
      RecordTypeId: recordTypes[reason === "Question" ? "Case.Advice" : "Case.Complaint"] ?? null,
      IsClosed: status === "Closed",
      ClosedDate: status === "Closed" ? stampOf(startMs + int(0, spanDays) * dayMs) : null,
    });
  }
  for (let at = 1; at <= demoCounts.Loyalty_Account__c; at += 1) {
    const tier = choices("Loyalty_Account__c", "Tier__c")[Math.min(3, int(0, 9) >> 1)] ?? "Bronze";
    make("Loyalty_Account__c", at, {
      Name: `LA-${String(at).padStart(5, "0")}`,
      Member_Number__c: `NP-${700_000 + at}`,
      // Two old cards of one household had the same number: every fortieth stands twice.
      Legacy_Number__c: at % 40 < 2 ? `OLD-${Math.floor(at / 40)}` : null,
      Contact__c: (contacts[at * 5] ?? contacts[at])?.Id ?? null,
      Tier__c: tier,
      Points__c: tier === "Summit" ? int(10_000, 90_000) : int(0, 9_999),
      Joined_On__c: dayOf(startMs + int(0, spanDays) * dayMs),
      Newsletter__c: at % 3 !== 0,
    });
  }
}

function seedRecordTypes(org: Org, add: Add): Record<string, string> {
  const kinds = ["Business", "Store"].map((name) => ["Account", name]);
  kinds.push(["Opportunity", "Wholesale"], ["Opportunity", "Rental"]);
  kinds.push(["Case", "Complaint"], ["Case", "Advice"]);
  return Object.fromEntries(
    kinds.map(([object, name], at) => {
      const Id = makeId("012", org.pod, at + 1);
      add("RecordType", {
        Id,
        Name: name as string,
        DeveloperName: name as string,
        SobjectType: object as string,
        IsActive: true,
        SystemModstamp: stampOf(startMs),
      });
      return [`${object}.${name}`, Id];
    }),
  );
}

/** Mulberry32: ten thousand rows want more numbers than a hash per number gives in good time. */
function quick(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const longText = "Called again about the rental fleet; wants the same terms as last year. "
  .repeat(440)
  .slice(0, 31_000);
