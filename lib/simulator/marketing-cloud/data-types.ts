import type { FieldType } from "./seed-columns.ts";

export type Field = {
  id: string;
  name: string;
  type: FieldType;
  length: number | null;
  scale: number | null;
  ordinal: number;
  isPrimaryKey: boolean;
  isRequired: boolean;
  defaultValue: string | null;
};

/** Column names as created; the REST rows show them in lower case. All values are text. */
export type Row = Readonly<Record<string, string>>;

export type DataExtension = {
  id: string;
  mid: number;
  key: string;
  name: string;
  description: string;
  categoryId: number;
  fields: readonly Field[];
  isSendable: boolean;
  isTestable: boolean;
  sendableField: string | null;
  retention: Retention | null;
  createdAtMs: number;
  modifiedAtMs: number;
};

/** How long rows are kept; `unit` 3 days, 4 weeks, 5 months, 6 years. */
export type Retention = {
  length: number | null;
  unit: number | null;
  isRowBased: boolean;
  isDeletedAtEnd: boolean;
  isResetOnImport: boolean;
};

export type Folder = {
  id: number;
  mid: number;
  name: string;
  contentType: string;
  parentId: number;
  key: string;
};

/** What is kept as it was sent: the shape of activities and settings is the client's. */
export type Loose = Readonly<Record<string, unknown>>;

export type JourneyStatus =
  | "Draft"
  | "Published"
  | "ScheduledToPublish"
  | "Paused"
  | "Stopped"
  | "Unpublished"
  | "Deleted";

/** One version of a journey: `id` is the same in all of them, `definitionId` is the version's own. */
export type Journey = {
  id: string;
  definitionId: string;
  mid: number;
  key: string;
  name: string;
  description: string | null;
  version: number;
  status: JourneyStatus;
  definitionType: string;
  channel: string;
  entryMode: string;
  categoryId: number;
  createdAtMs: number;
  modifiedAtMs: number;
  publishedAtMs: number | null;
  tags: readonly string[];
  triggers: readonly Loose[];
  activities: readonly Loose[];
  /** goals, exits, notifiers, defaults, metaData as sent. */
  settings: Loose;
  currentPopulation: number;
  cumulativePopulation: number;
  metGoal: number;
  /** While paused: until when, and what happens then. */
  pause: { untilMs: number; guardrail: "Resume" | "Stop" } | null;
  /** Why the vendor will not publish it, when the definition itself does not tell. */
  publishProblem: string | null;
};

/** A publishing or validating under way. */
export type JourneyJob = {
  id: string;
  kind: "publish" | "validate";
  journeyId: string;
  version: number;
  startedAtMs: number;
  polls: number;
  /** Null until it is settled. */
  errors: readonly Loose[] | null;
};

export type JourneyEntry = {
  id: string;
  journeyId: string;
  version: number;
  contactKey: string;
  atMs: number;
};

export type AutomationActivity = { name: string; objectTypeId: number; activityObjectId: string };

export type Automation = {
  id: string;
  legacyId: string;
  mid: number;
  key: string;
  name: string;
  description: string | null;
  typeId: number;
  /** As at rest: while a run lasts it shows as running. */
  statusId: number;
  categoryId: number;
  createdAtMs: number;
  modifiedAtMs: number;
  lastRunAtMs: number | null;
  lastRunInstanceId: string | null;
  /** The last run ends then. */
  runUntilMs: number;
  schedule: Loose | null;
  steps: readonly { name: string; activities: readonly AutomationActivity[] }[];
};

export type Query = {
  id: string;
  mid: number;
  key: string;
  name: string;
  text: string;
  targetKey: string;
  runUntilMs: number;
};

export type Asset = {
  id: number;
  mid: number;
  key: string;
  name: string;
  description: string;
  type: { id: number; name: string };
  categoryId: number;
  content: string | null;
  views: Loose | null;
  /** `data`, `fileProperties` and what else came along. */
  more: Loose;
  createdAtMs: number;
  modifiedAtMs: number;
};

export type Definition = {
  id: string;
  mid: number;
  key: string;
  name: string;
  description: string;
  status: "Active" | "Inactive";
  classification: string | null;
  content: Loose;
  subscriptions: Loose;
  options: Loose;
  createdAtMs: number;
  modifiedAtMs: number;
};

export type Message = {
  messageKey: string;
  mid: number;
  definitionKey: string;
  contactKey: string;
  to: string;
  acceptedAtMs: number;
  /** When it leaves the queue; null while its definition is inactive. */
  dueAtMs: number | null;
  /** Why it will not be sent. */
  problem: { statusCode: number; statusMessage: string } | null;
  compositeId: string;
  /** Counts up, for paging through what was not sent. */
  eventId: number;
};

/** One mail to one person, by a message or a journey; in the future until its time has come. */
export type Send = {
  id: string;
  mid: number;
  subscriberKey: string;
  to: string;
  atMs: number;
  sendId: number;
  batchId: number;
  /** The triggered send behind it. */
  definitionId: string;
  messageKey: string | null;
  /** `id:version` of the journey. */
  journey: string | null;
  isSent: boolean;
};

export type SubscriberStatus = "Active" | "Bounced" | "Held" | "Unsubscribed" | "Deleted";

/** A subscriber and contact: one person under one key. */
export type Subscriber = {
  /** The contact id. */
  id: number;
  mid: number;
  key: string;
  email: string | null;
  status: SubscriberStatus;
  createdAtMs: number;
  modifiedAtMs: number;
  unsubscribedAtMs: number | null;
  /** Attribute set to attribute to value. */
  attributes: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
};

export type MailingList = {
  id: number;
  mid: number;
  key: string;
  name: string;
  description: string;
  type: "Public" | "Private";
  createdAtMs: number;
  modifiedAtMs: number;
};

export type Membership = {
  listId: number;
  subscriberKey: string;
  status: SubscriberStatus;
  createdAtMs: number;
  modifiedAtMs: number;
};

/** A deletion of contacts that goes on after its request. */
export type ContactOperation = {
  id: number;
  startedAtMs: number;
  keys: readonly string[];
  isDone: boolean;
};

export type RowAction = "insert" | "update" | "upsert";
/** A row as it came in: column names in any case. */
export type GivenRow = Readonly<Record<string, string>>;

/** Rows given to the vendor to write in its own time. */
export type AsyncRequest = {
  id: string;
  calledAtMs: number;
  /** Null once it is through. */
  work: { dataExtensionId: string; action: RowAction; rows: readonly GivenRow[] } | null;
  results: readonly { errorCode: string; message: string; status: "OK" | "Error" }[];
};
