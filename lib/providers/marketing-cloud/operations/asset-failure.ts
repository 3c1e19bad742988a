import { z } from "zod";
import { failed, jsonOf, restFailure } from "#lib/providers/marketing-cloud/operations/answer.ts";
import type { Outcome, ProviderResponse } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";

const validationSchema = z.object({
  validationErrors: z.array(z.object({ errorcode: z.number().int() })).min(1),
});
const taken: Readonly<Record<number, string>> = {
  118077: "There is already content of this kind with this name in the folder.",
  118078: "There is already content with this key.",
};

/** A refused write of content: what its own checks found is in a list beside the error. */
export function assetFailure(response: ProviderResponse, scopes: readonly string[]): Outcome {
  const errors = validationSchema.safeParse(jsonOf(response.body)).data?.validationErrors ?? [];
  for (const { errorcode } of errors) {
    const words = taken[errorcode];
    if (words === undefined) continue;
    const providerCode = String(errorcode);
    return failed(new OperationFailedError("operations.conflict", words, { providerCode }));
  }
  return failed(restFailure(response, { what: "the content", scopes }));
}
