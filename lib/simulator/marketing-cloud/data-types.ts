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
  sendableField: string | null;
  createdAtMs: number;
  modifiedAtMs: number;
};

export type Folder = {
  id: number;
  mid: number;
  name: string;
  contentType: string;
  parentId: number;
  key: string;
};

export type Journey = {
  id: string;
  mid: number;
  key: string;
  name: string;
  description: string;
  version: number;
  status: "Draft" | "Published" | "Stopped";
  publishedAtMs: number | null;
  population: number;
};

export type Automation = {
  id: string;
  mid: number;
  key: string;
  name: string;
  description: string;
  statusId: number;
  categoryId: number;
  lastRunAtMs: number | null;
  activities: readonly { name: string; objectTypeId: number }[];
};

export type Asset = {
  id: number;
  mid: number;
  key: string;
  name: string;
  type: { id: number; name: string };
  categoryId: number;
  subject: string | null;
  html: string;
};

export type Query = {
  id: string;
  mid: number;
  key: string;
  name: string;
  text: string;
  targetKey: string;
};
