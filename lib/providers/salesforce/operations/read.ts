import type { z } from "zod";
import type { ProviderApi, ProviderRequest, ProviderResponse } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { failureOf, jsonOf, refusalOf } from "#lib/providers/salesforce/operations/refusals.ts";

/**
 * Reads with one request.
 *
 * @param what - what is asked for, with its article
 * @throws {OperationFailedError} refused, or an answer that cannot be read
 */
export async function readJson<T>(
  api: ProviderApi,
  request: ProviderRequest,
  schema: z.ZodType<T>,
  what: string,
): Promise<T> {
  const response = await api.read(request);
  if (response.status !== 200) throw refusedAs(response, what);
  const parsed = schema.safeParse(jsonOf(response.body));
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}

export const refusedAs = (response: ProviderResponse, what: string): OperationFailedError =>
  failureOf(response.status, refusalOf(response), what);

export const unreadable = (cause?: unknown) =>
  new OperationFailedError(
    "operations.unreadable_answer",
    "Salesforce answered in a form that the studio does not know.",
    { cause },
  );
