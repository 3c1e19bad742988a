export { isReasonCode, type ReasonCode, reasonCodes } from "#lib/providers/reason-codes.ts";
