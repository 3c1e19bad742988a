import type { Call } from "./core.ts";
import type { UnitData } from "./data-store.ts";
import type { XmlNode } from "./soap-xml.ts";
import type { Authenticated } from "./tokens.ts";

export type SoapCall = Call & {
  caller: Authenticated;
  /** The one element of the body. */
  message: XmlNode;
  requestId: string;
};

export const unitOf = ({ core, caller }: SoapCall): UnitData =>
  core.data.unit(caller.tenant, caller.token.mid);

export const soapDate = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 23);

/** The vendor's words when a token or its person lacks the right for an object. */
export const permissionFailed = "API Permission Failed.";

/** Ends a request with `OverallStatus` "Error: …", which still travels as HTTP 200. */
export class StatusProblem extends Error {
  /** Shown with the result of a write. */
  readonly errorCode: number;
  constructor(message: string, errorCode = 2) {
    super(message);
    this.errorCode = errorCode;
  }
}
