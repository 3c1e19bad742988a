import type { SoapCall } from "./soap-call.ts";
import type { XmlNode } from "./soap-xml.ts";

export type WriteVerb = "Create" | "Update" | "Delete";

export type Done = { message: string; objectId?: string; newId?: number };

/** How objects of one type are written. */
export type SoapWriter = {
  /** What the token and its person must both have. */
  scope: string;
  /** @throws {StatusProblem} what the vendor would not do */
  write(call: SoapCall, verb: WriteVerb, object: XmlNode, isUpsert: boolean): Done;
};
