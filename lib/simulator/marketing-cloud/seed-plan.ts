import type { Retention } from "./data-types.ts";
import type { Column } from "./seed-columns.ts";

/** A data extension as founded in each business unit of a company of that industry. */
export type DataExtensionPlan = {
  key: string;
  name: string;
  description: string;
  folder: string;
  rowCount: number;
  sendableBy?: string;
  retention?: Retention;
  columns: readonly Column[];
};

export const plan = (
  folder: string,
  key: string,
  description: string,
  rowCount: number,
  columns: readonly Column[],
  sendableBy?: string,
): DataExtensionPlan => ({
  folder,
  key,
  name: key.replaceAll("_", " "),
  description,
  rowCount,
  columns,
  ...(sendableBy ? { sendableBy } : {}),
});
