import {
  getDataExtensionSchema,
  listDataExtensions,
} from "#lib/providers/marketing-cloud/operations/data-extensions.ts";
import type { Operation } from "#lib/providers/operation.ts";

/** Everything the studio can do in a Marketing Cloud business unit, in the order in which it is shown. */
export const marketingCloudOperations: readonly Operation[] = [
  listDataExtensions,
  getDataExtensionSchema,
];
