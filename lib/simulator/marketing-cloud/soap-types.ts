import { statusAt } from "./automation-state.ts";
import type { DataExtension, Folder } from "./data-types.ts";
import { type SoapCall, soapDate, unitOf } from "./soap-call.ts";
import type { SoapItem, SoapType } from "./soap-item.ts";
import { subscriberTypes } from "./soap-subscribers.ts";
import { trackingTypes } from "./soap-tracking.ts";
import { type BusinessUnit, findBusinessUnit, parentOf } from "./world.ts";

const words = (text: string): string[] => text.trim().split(/\s+/);
const yes = (value: boolean) => String(value);
const textOrNull = (value: number | null | undefined) =>
  value === null || value === undefined ? null : String(value);

const seesAll = (call: SoapCall, isAllAccounts: boolean) =>
  isAllAccounts && call.caller.token.mid === parentOf(call.caller.tenant).mid;

/** The business units a retrieve looks into: its own, or all of them from the parent. */
function unitsInSight(call: SoapCall, isAllAccounts: boolean): readonly BusinessUnit[] {
  const { tenant, token } = call.caller;
  return seesAll(call, isAllAccounts)
    ? tenant.businessUnits
    : tenant.businessUnits.filter(({ mid }) => mid === token.mid);
}

function toAccount(call: SoapCall, unit: BusinessUnit): SoapItem {
  const { tenant } = call.caller;
  const top = parentOf(tenant);
  const isParent = unit.mid === top.mid;
  const parent =
    (unit.parentMid === undefined ? undefined : findBusinessUnit(tenant, unit.parentMid)) ?? top;
  return {
    "Client.ID": String(unit.mid),
    CreatedDate: "2019-03-04T09:12:00.000",
    ModifiedDate: "2026-02-11T16:40:00.000",
    ID: String(unit.mid),
    ObjectID: null,
    CustomerKey: String(unit.mid),
    AccountType: isParent ? "ENTERPRISE_2" : "BUSINESS_UNIT",
    ParentID: isParent ? "0" : String(parent.mid),
    Name: unit.name,
    Email: unit.email,
    FromName: unit.name,
    BusinessName: tenant.company,
    IsActive: yes(unit.isActive ?? true),
    IsTestAccount: "false",
    ParentName: isParent ? "" : parent.name,
    "Locale.LocaleCode": unit.locale.replace("_", "-"),
    "TimeZone.Name": unit.timeZone,
    Description: "",
  };
}

const accountProperties = words(`Client.ID CreatedDate ModifiedDate ID ObjectID CustomerKey
  AccountType ParentID Name Email FromName BusinessName IsActive IsTestAccount ParentName
  Locale.LocaleCode TimeZone.Name Description`);

const toDataExtension = (call: SoapCall, one: DataExtension): SoapItem => ({
  "Client.ID": String(one.mid),
  "Client.EnterpriseID": String(parentOf(call.caller.tenant).mid),
  CreatedDate: soapDate(one.createdAtMs),
  ModifiedDate: soapDate(one.modifiedAtMs),
  ObjectID: one.id,
  CustomerKey: one.key,
  Name: one.name,
  Description: one.description,
  IsSendable: yes(one.isSendable),
  IsTestable: yes(one.isTestable),
  "SendableDataExtensionField.Name": one.sendableField,
  "SendableSubscriberField.Name": one.sendableField === null ? null : "_SubscriberKey",
  "Template.CustomerKey": null,
  "Template.Name": null,
  DataRetentionPeriodLength: textOrNull(one.retention?.length),
  DataRetentionPeriodUnitOfMeasure: textOrNull(one.retention?.unit),
  RowBasedRetention: yes(one.retention?.isRowBased ?? false),
  ResetRetentionPeriodOnImport: yes(one.retention?.isResetOnImport ?? false),
  DeleteAtEndOfRetentionPeriod: yes(one.retention?.isDeletedAtEnd ?? false),
  RetainUntil: null,
  DataRetentionPeriod: null,
  CategoryID: String(one.categoryId),
  Status: "Active",
  IsPlatformObject: "false",
});

const dataExtensionsInSight = (call: SoapCall, isAllAccounts: boolean): DataExtension[] =>
  unitsInSight(call, isAllAccounts).flatMap(({ mid }) => [
    ...call.core.data.unit(call.caller.tenant, mid).dataExtensions.values(),
  ]);

const toFields = (one: DataExtension): SoapItem[] =>
  one.fields.map((field) => ({
    "Client.ID": String(one.mid),
    CreatedDate: soapDate(one.createdAtMs),
    ModifiedDate: soapDate(one.modifiedAtMs),
    ObjectID: field.id,
    CustomerKey: `[${one.key}].[${field.name}]`,
    Name: field.name,
    Scale: String(field.scale ?? 0),
    DefaultValue: field.defaultValue ?? "",
    MaxLength: field.length === null ? null : String(field.length),
    IsRequired: yes(field.isRequired),
    Ordinal: String(field.ordinal),
    IsPrimaryKey: yes(field.isPrimaryKey),
    FieldType: field.type,
    "DataExtension.CustomerKey": one.key,
    StorageType: "Plain",
  }));

const toFolder = (call: SoapCall, folder: Folder, all: readonly Folder[]): SoapItem => {
  const parent = all.find(({ id }) => id === folder.parentId);
  const objectId = (id: number) => `0000f01d-0000-4000-8000-${String(id).padStart(12, "0")}`;
  return {
    "Client.ID": String(folder.mid),
    "Client.EnterpriseID": String(parentOf(call.caller.tenant).mid),
    CreatedDate: "2019-03-04T09:12:00.000",
    ModifiedDate: "2024-06-20T10:00:00.000",
    ID: String(folder.id),
    ObjectID: objectId(folder.id),
    CustomerKey: folder.key,
    "ParentFolder.ID": String(folder.parentId),
    "ParentFolder.ObjectID": parent ? objectId(parent.id) : null,
    "ParentFolder.CustomerKey": parent?.key ?? null,
    "ParentFolder.Name": parent?.name ?? null,
    Name: folder.name,
    Description: "",
    ContentType: folder.contentType,
    IsActive: "true",
    IsEditable: yes(folder.parentId !== 0),
    AllowChildren: "true",
  };
};

export const soapTypes: Readonly<Record<string, SoapType>> = {
  BusinessUnit: {
    scope: "accounts_read",
    properties: accountProperties,
    items: (call, isAllAccounts) =>
      unitsInSight(call, isAllAccounts).map((unit) => toAccount(call, unit)),
  },
  /** Its own context only, whatever is asked. */
  Account: {
    scope: "accounts_read",
    properties: accountProperties,
    items: (call) => unitsInSight(call, false).map((unit) => toAccount(call, unit)),
  },
  DataExtension: {
    scope: "data_extensions_read",
    properties: words(`Client.ID Client.EnterpriseID CreatedDate ModifiedDate ObjectID CustomerKey
      Name Description IsSendable IsTestable SendableDataExtensionField.Name
      SendableSubscriberField.Name Template.CustomerKey Template.Name DataRetentionPeriodLength
      DataRetentionPeriodUnitOfMeasure RowBasedRetention ResetRetentionPeriodOnImport
      DeleteAtEndOfRetentionPeriod RetainUntil DataRetentionPeriod CategoryID Status
      IsPlatformObject`),
    items: (call, isAllAccounts) =>
      dataExtensionsInSight(call, isAllAccounts).map((one) => toDataExtension(call, one)),
  },
  DataExtensionField: {
    scope: "data_extensions_read",
    properties: words(`Client.ID CreatedDate ModifiedDate ObjectID CustomerKey Name Scale
      DefaultValue MaxLength IsRequired Ordinal IsPrimaryKey FieldType DataExtension.CustomerKey
      StorageType`),
    items: (call, isAllAccounts) => dataExtensionsInSight(call, isAllAccounts).flatMap(toFields),
  },
  DataExtensionTemplate: {
    scope: "data_extensions_read",
    properties: words("Client.ID CreatedDate ModifiedDate ObjectID CustomerKey Name Description"),
    items: () => [],
  },
  DataFolder: {
    scope: null,
    properties:
      words(`Client.ID Client.EnterpriseID CreatedDate ModifiedDate ID ObjectID CustomerKey
      ParentFolder.ID
      ParentFolder.ObjectID ParentFolder.CustomerKey ParentFolder.Name Name Description ContentType
      IsActive IsEditable AllowChildren`),
    items: (call, isAllAccounts) =>
      unitsInSight(call, isAllAccounts).flatMap(({ mid }) => {
        const folders = call.core.data.unit(call.caller.tenant, mid).folders.all();
        return folders.map((folder) => toFolder(call, folder, folders));
      }),
  },
  AccountUser: {
    scope: "users_read",
    properties: words(`Client.ID ID ObjectID CustomerKey AccountUserID UserID Name Email ActiveFlag
      IsAPIUser DefaultBusinessUnit`),
    items: (call) =>
      call.caller.tenant.users
        .flatMap((user) => call.core.directory.findUser(call.caller.tenant, user.username) ?? [])
        .filter(({ mids }) => mids.includes(call.caller.token.mid))
        .map((user) => ({
          "Client.ID": String(call.caller.token.mid),
          ID: String(user.employeeId),
          ObjectID: null,
          CustomerKey: user.username,
          AccountUserID: String(user.employeeId),
          UserID: user.username,
          Name: user.name,
          Email: user.email,
          ActiveFlag: yes(user.isActive),
          IsAPIUser: "true",
          DefaultBusinessUnit: String(user.defaultMid),
        })),
  },
  ...subscriberTypes,
  ...trackingTypes,
  Program: automationType(),
  Automation: automationType(),
};

function automationType(): SoapType {
  return {
    scope: "automations_read",
    properties: words("Client.ID ObjectID CustomerKey Name Description CategoryID Status"),
    items: (call) =>
      unitOf(call)
        .automations.all()
        .map((one) => ({
          "Client.ID": String(one.mid),
          ObjectID: one.id,
          CustomerKey: one.key,
          Name: one.name,
          Description: one.description ?? "",
          CategoryID: String(one.categoryId),
          Status: String(statusAt(one, call.core.context.clock.nowMs())),
        })),
  };
}
