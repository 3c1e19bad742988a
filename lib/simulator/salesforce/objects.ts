import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";

export type FieldValue = string | number | boolean | null;
export type Row = { Id: string; [field: string]: FieldValue };

export type FieldType =
  | "id"
  | "string"
  | "textarea"
  | "email"
  | "phone"
  | "url"
  | "picklist"
  | "boolean"
  | "int"
  | "double"
  | "currency"
  | "percent"
  | "date"
  | "datetime"
  | "reference";

export type FieldSpec = {
  name: string;
  type: FieldType;
  isRequired: boolean;
  isReadOnly: boolean;
  isExternalId: boolean;
  isUnique: boolean;
  /** Characters that fit; 0 where the type has no length. */
  length: number;
  /** A picklist that takes its own values only. */
  isRestricted: boolean;
  /** A lookup whose row goes when the row that it points at goes. */
  isPartOf: boolean;
  /** Of a picklist. */
  values: string[];
  /** Of a reference. */
  referenceTo: string | null;
  relationshipName: string | null;
};

export type ObjectSpec = {
  name: string;
  labelPlural: string;
  keyPrefix: string;
  fields: FieldSpec[];
  isWritable: boolean;
  isUpdateable: boolean;
  isTooling: boolean;
  /** The field that names a row. */
  nameField: string;
  /** The one company that has this object; null: every org. */
  company: string | null;
};

const lengths: Partial<Record<FieldType, number>> = {
  id: 18,
  reference: 18,
  textarea: 32_000,
  email: 80,
  phone: 40,
  string: 255,
  picklist: 255,
  url: 255,
};

/**
 * One field a word: `Name:string!` (`!` required, `=` read only, `#` external id, `^` unique, `*` takes
 * its own values only, `>` deleted along), `Code:string(40)`, `Stage:picklist(A|B)`, `OwnerId:reference(User,Owner)`.
 */
function fields(text: string): FieldSpec[] {
  return text
    .trim()
    .split(/\s+(?![^()]*\))/)
    .map((word) => {
      const match = /^([\w.]+):(\w+)(?:\(([^)]*)\))?([!=#^*>]*)$/.exec(word);
      if (!match) throw new Error(`not a field: ${word}`);
      const [, name = "", type = "", inner = "", marks = ""] = match;
      const isReference = type === "reference";
      return {
        name,
        type: type as FieldType,
        isRequired: marks.includes("!"),
        isReadOnly: marks.includes("=") || type === "id",
        isExternalId: marks.includes("#"),
        isUnique: marks.includes("^"),
        isRestricted: marks.includes("*"),
        isPartOf: marks.includes(">"),
        length: /^\d+$/.test(inner) ? Number(inner) : (lengths[type as FieldType] ?? 0),
        values: type === "picklist" ? inner.split("|") : [],
        referenceTo: isReference ? (inner.split(",")[0] ?? null) : null,
        relationshipName: isReference ? (inner.split(",")[1] ?? null) : null,
      };
    });
}

const audit =
  "CreatedDate:datetime= LastModifiedDate:datetime= SystemModstamp:datetime= IsDeleted:boolean=";
const owned = "OwnerId:reference(User,Owner)";

type Given = {
  prefix: string;
  fields: string;
  plural?: string;
  readOnly?: true;
  noUpdate?: true;
  tooling?: true;
  nameField?: string;
  company?: string;
};

const given: Record<string, Given> = {
  Account: {
    prefix: "001",
    fields: `Id:id Name:string! Type:picklist(Prospect|Customer|Partner|Supplier) Industry:picklist(Retail|Hospitality|Banking|Furniture|Logistics|Healthcare|Education) Phone:phone Website:url BillingStreet:textarea(255) BillingCity:string BillingState:string BillingPostalCode:string BillingCountry:string AnnualRevenue:currency NumberOfEmployees:int Description:textarea ParentId:reference(Account,Parent) RecordTypeId:reference(RecordType,RecordType) ExternalKey__c:string(40)#^ ${owned} ${audit}`,
  },
  Contact: {
    prefix: "003",
    fields: `Id:id FirstName:string LastName:string! Name:string= AccountId:reference(Account,Account)> Email:email Phone:phone MobilePhone:phone Title:string Department:string MailingCity:string MailingCountry:string Description:textarea HasOptedOutOfEmail:boolean Birthdate:date ExternalKey__c:string(40)#^ ${owned} ${audit}`,
  },
  Lead: {
    prefix: "00Q",
    fields: `Id:id FirstName:string LastName:string! Name:string= Company:string! Email:email Phone:phone Title:string Status:picklist(Open|Working|Qualified|Unqualified)! LeadSource:picklist(Web|Referral|Event|Partner) Country:string IsConverted:boolean= Rating:picklist(Hot|Warm|Cold) ${owned} ${audit}`,
  },
  Opportunity: {
    prefix: "006",
    plural: "Opportunities",
    fields: `Id:id Name:string! AccountId:reference(Account,Account)> StageName:picklist(Prospecting|Proposal|Negotiation|Won|Lost)! Amount:currency Probability:percent CloseDate:date! Type:picklist(New|Renewal) LeadSource:picklist(Web|Referral|Event|Partner) CampaignId:reference(Campaign,Campaign) RecordTypeId:reference(RecordType,RecordType) Description:textarea IsClosed:boolean= IsWon:boolean= ${owned} ${audit}`,
  },
  Campaign: {
    prefix: "701",
    fields: `Id:id Name:string! Type:picklist(Email|Event|Webinar) Status:picklist(Planned|Active|Done) ParentId:reference(Campaign,Parent) Description:textarea StartDate:date EndDate:date IsActive:boolean NumberSent:double ${owned} ${audit}`,
  },
  CampaignMember: {
    prefix: "00v",
    fields:
      "Id:id CampaignId:reference(Campaign,Campaign)!> ContactId:reference(Contact,Contact)> LeadId:reference(Lead,Lead)> Name:string= Status:picklist(Sent|Opened|Responded|Registered|Attended) HasResponded:boolean= FirstRespondedDate:date= CreatedDate:datetime= LastModifiedDate:datetime= SystemModstamp:datetime= IsDeleted:boolean=",
  },
  Case: {
    prefix: "500",
    nameField: "CaseNumber",
    fields: `Id:id CaseNumber:string(30)= Subject:string Description:textarea Status:picklist(New|Working|Escalated|Closed) Priority:picklist(High|Medium|Low) Origin:picklist(Phone|Email|Web) Reason:picklist(Delivery|Damaged|Sizing|Refund|Question) AccountId:reference(Account,Account) ContactId:reference(Contact,Contact) RecordTypeId:reference(RecordType,RecordType) ClosedDate:datetime= IsClosed:boolean= ${owned} ${audit}`,
  },
  Loyalty_Account__c: {
    prefix: "a0L",
    company: demoSalesforce.company,
    fields: `Id:id Name:string(80)! Member_Number__c:string(20)!#^ Legacy_Number__c:string(20)# Contact__c:reference(Contact,Contact__r) Tier__c:picklist(Bronze|Silver|Gold|Summit)* Points__c:double Joined_On__c:date Newsletter__c:boolean Notes__c:textarea ${owned} ${audit}`,
  },
  Gift_Card__c: {
    prefix: "a0G",
    company: demoSalesforce.company,
    fields: `Id:id Name:string(80)! Code__c:string(32)!#^ Balance__c:currency Loyalty_Account__c:reference(Loyalty_Account__c,Loyalty_Account__r)> ${owned} ${audit}`,
  },
  RecordType: {
    prefix: "012",
    readOnly: true,
    fields:
      "Id:id Name:string DeveloperName:string SobjectType:string IsActive:boolean SystemModstamp:datetime=",
  },
  User: {
    prefix: "005",
    fields: `Id:id Username:string! Name:string= FirstName:string LastName:string! Email:email! Alias:string! IsActive:boolean ProfileId:reference(Profile,Profile)! UserType:picklist(Standard)= TimeZoneSidKey:string LocaleSidKey:string LanguageLocaleKey:string CompanyName:string ${audit}`,
  },
  Organization: {
    prefix: "00D",
    readOnly: true,
    fields: `Id:id Name:string InstanceName:string IsSandbox:boolean OrganizationType:picklist(Enterprise|Developer) TrialExpirationDate:datetime NamespacePrefix:string LanguageLocaleKey:string PrimaryContact:string ${audit}`,
  },
  Profile: {
    prefix: "00e",
    readOnly: true,
    fields: `Id:id Name:string UserType:string PermissionsApiEnabled:boolean ${audit}`,
  },
  PermissionSet: {
    prefix: "0PS",
    fields: `Id:id Name:string! Label:string! NamespacePrefix:string= Description:string IsOwnedByProfile:boolean= PermissionSetGroupId:string= ${audit}`,
  },
  PermissionSetAssignment: {
    prefix: "0Pa",
    noUpdate: true,
    fields:
      "Id:id AssigneeId:reference(User,Assignee)! PermissionSetId:reference(PermissionSet,PermissionSet)! SystemModstamp:datetime=",
  },
  PermissionSetLicenseAssign: {
    prefix: "2LA",
    fields:
      "Id:id AssigneeId:reference(User,Assignee)! PermissionSetLicenseId:string! SystemModstamp:datetime=",
  },
  SetupEntityAccess: {
    prefix: "0J0",
    noUpdate: true,
    fields:
      "Id:id ParentId:reference(PermissionSet,Parent)! SetupEntityId:string! SetupEntityType:string= SystemModstamp:datetime=",
  },
  ConnectedApplication: {
    prefix: "0H4",
    readOnly: true,
    fields: `Id:id Name:string OptionsAllowAdminApprovedUsersOnly:boolean OptionsRefreshTokenValidityMetric:boolean RefreshTokenValidityPeriod:int ${audit}`,
  },
  PackageLicense: {
    prefix: "050",
    readOnly: true,
    fields:
      "Id:id NamespacePrefix:string Status:picklist(Active|Expired) AllowedLicenses:int UsedLicenses:int SystemModstamp:datetime=",
  },
  OauthToken: {
    prefix: "0CQ",
    readOnly: true,
    fields:
      "Id:id AppName:string UseCount:int LastUsedDate:datetime UserId:reference(User,User) AppMenuItemId:string CreatedDate:datetime=",
  },
  LoginHistory: {
    prefix: "0Ya",
    plural: "LoginHistories",
    readOnly: true,
    fields:
      "Id:id UserId:reference(User,User) LoginTime:datetime Application:string Status:string LoginType:string SourceIp:string",
  },
  InstalledSubscriberPackage: {
    prefix: "0A3",
    readOnly: true,
    tooling: true,
    fields:
      "Id:id SubscriberPackageId:string SubscriberPackage.Name:string SubscriberPackage.NamespacePrefix:string",
  },
};

export const objectSpecs: readonly ObjectSpec[] = Object.entries(given).map(([name, object]) => ({
  name,
  labelPlural: object.plural ?? `${name}s`,
  keyPrefix: object.prefix,
  fields: fields(object.fields),
  isWritable: !object.readOnly,
  isUpdateable: !object.readOnly && !object.noUpdate,
  isTooling: object.tooling === true,
  nameField: object.nameField ?? "Name",
  company: object.company ?? null,
}));

/** Lookups of other objects that lead to this one, by the name a query calls the rows by. */
export const childrenOf = (
  parent: ObjectSpec,
): { spec: ObjectSpec; field: FieldSpec; name: string | null }[] =>
  objectSpecs.flatMap((spec) =>
    spec.fields
      .filter((field) => field.referenceTo === parent.name)
      .map((field) => ({ spec, field, name: childName(spec, field) })),
  );

function childName(spec: ObjectSpec, field: FieldSpec): string | null {
  if (field.name === "OwnerId") return null;
  if (field.referenceTo === spec.name) return `Child${spec.labelPlural}`;
  return field.name.endsWith("__c") ? `${spec.name.replace(/__c$/, "")}s__r` : spec.labelPlural;
}

const byName = new Map(objectSpecs.map((spec) => [spec.name.toLowerCase(), spec]));

/** Names of objects and fields are compared without regard to letter case. */
export const findObject = (name: string): ObjectSpec | undefined => byName.get(name.toLowerCase());

export const findField = (spec: ObjectSpec, name: string): FieldSpec | undefined =>
  spec.fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
