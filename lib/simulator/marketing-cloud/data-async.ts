import { writeRows } from "./data-rows.ts";
import type { AsyncRequest, DataExtension, Row } from "./data-types.ts";
import type { Shelf } from "./shelf.ts";

/** Rows that were given to be written later are there, and judged, after this time. */
export const asyncSeconds = 5;

export const isDue = ({ calledAtMs }: AsyncRequest, nowMs: number): boolean =>
  nowMs >= calledAtMs + asyncSeconds * 1000;

/** Writes what has waited long enough, in the order in which it came. */
export function settleRequests(
  requests: Shelf<AsyncRequest>,
  nowMs: number,
  store: {
    find(id: string): DataExtension | undefined;
    rows(one: DataExtension): readonly Row[];
    save(one: DataExtension, rows: readonly Row[]): void;
  },
): void {
  for (const request of requests.all()) {
    const { work } = request;
    if (work === null || !isDue(request, nowMs)) continue;
    const one = store.find(work.dataExtensionId);
    const written = one && writeRows(one, store.rows(one), work.rows, work.action);
    const problems = written?.problems ?? work.rows.map(() => "Unable to find data extension.");
    requests.put({
      ...request,
      work: null,
      results: problems.map((problem) => ({
        errorCode: problem === null ? "" : "InvalidRow",
        message: problem ?? "",
        status: problem === null ? "OK" : "Error",
      })),
    });
    if (one && written) store.save({ ...one, modifiedAtMs: nowMs }, written.rows);
  }
}
