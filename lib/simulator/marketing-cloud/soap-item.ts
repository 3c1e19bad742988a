import type { SoapCall } from "./soap-call.ts";
import type { Out } from "./soap-xml.ts";

/** One object: property (dotted when nested) to text; null is nil. */
export type SoapItem = Readonly<Record<string, string | null>>;

export type SoapType = {
  /** What the token and its person must both have; null: nothing is asked for. */
  scope: string | null;
  /** Everything that can be asked for, in the order of the WSDL. */
  properties: readonly string[];
  items(call: SoapCall, isAllAccounts: boolean): SoapItem[];
  /** Properties that come as elements of their own, as often as they are there. */
  repeated?: Readonly<Record<string, (call: SoapCall, item: SoapItem) => readonly Out[]>>;
};
