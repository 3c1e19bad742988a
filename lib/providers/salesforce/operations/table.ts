import type { Operation } from "#lib/providers/operation.ts";

/** Everything the studio can do in a Salesforce org, in the order in which it is shown. */
export const salesforceOperations: readonly Operation[] = [];
