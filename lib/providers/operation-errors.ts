import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** Why an operation could not be done, as a program may tell one from another. */
const operationFailures = {
  "operations.not_found": { status: 404, remedy: { do: "fix-input" } },
  "operations.refused_by_provider": { status: 422, remedy: { do: "fix-input" } },
  "operations.bad_query": { status: 422, remedy: { do: "fix-input" } },
  "operations.nothing_to_change": { status: 422, remedy: { do: "fix-input" } },
  "operations.no_permission": { status: 403, remedy: { do: "ask-admin" } },
  "operations.missing_scope": { status: 403, remedy: { do: "ask-admin" } },
  "operations.conflict": { status: 409, remedy: { do: "retry", afterSeconds: 5 } },
  "operations.too_much": { status: 422, remedy: { do: "fix-input" } },
  "operations.provider_busy": { status: 503, remedy: { do: "retry", afterSeconds: 30 } },
  "operations.unreadable_answer": { status: 502, remedy: { do: "none" } },
} as const satisfies Record<string, { status: number; remedy: Remedy }>;
export type OperationFailure = keyof typeof operationFailures;

/**
 * The provider did not do what was asked, or it cannot be done so. Said in our words; its own code, cut to
 * plain characters, is kept for the folded technical detail (OA-7's rule).
 */
export class OperationFailedError extends StudioError {
  readonly code: OperationFailure;
  readonly status: number;
  readonly userMessage: string;
  readonly remedy: Remedy;
  /** `[A-Za-z0-9_.:-]`, at most 80 characters; null where it gave none. */
  readonly providerCode: string | null;
  constructor(
    code: OperationFailure,
    userMessage: string,
    { providerCode = null, cause }: { providerCode?: string | null; cause?: unknown } = {},
  ) {
    super(`operation failed: ${code}${providerCode ? ` (${plainCode(providerCode)})` : ""}`, {
      cause,
    });
    this.code = code;
    this.userMessage = userMessage;
    ({ status: this.status, remedy: this.remedy } = operationFailures[code]);
    this.providerCode = plainCode(providerCode);
  }
}

/** The request is not what its operation may send: a fault of ours, refused before anything left. */
export class OperationRefusedError extends StudioError {
  readonly code = "operations.not_allowed";
  readonly status = 403;
  readonly userMessage = "The studio does not let this request pass.";
  readonly remedy: Remedy = { do: "none" };
}

export const plainCode = (code: string | null): string | null =>
  code === null ? null : code.replaceAll(/[^A-Za-z0-9_.:-]/g, "").slice(0, 80) || null;
