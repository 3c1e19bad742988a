import type { Operation } from "#lib/providers/operation.ts";
import { limits } from "#lib/providers/salesforce/operations/limits.ts";
import { describeObject, listObjects } from "#lib/providers/salesforce/operations/objects.ts";
import { query } from "#lib/providers/salesforce/operations/query.ts";
import { changeRecords } from "#lib/providers/salesforce/operations/record-bulk.ts";
import { getRecord } from "#lib/providers/salesforce/operations/record-get.ts";
import { upsertRecords } from "#lib/providers/salesforce/operations/record-upsert.ts";
import {
  createRecord,
  deleteRecord,
  updateRecord,
} from "#lib/providers/salesforce/operations/record-writes.ts";
import { search } from "#lib/providers/salesforce/operations/search.ts";

/** Everything the studio can do in a Salesforce org, in the order in which it is shown. */
export const salesforceOperations: readonly Operation[] = [
  listObjects,
  describeObject,
  query,
  search,
  getRecord,
  createRecord,
  updateRecord,
  upsertRecords,
  deleteRecord,
  changeRecords,
  limits,
];
