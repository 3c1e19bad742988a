import { XMLParser } from "fast-xml-parser";

export const api = "http://exacttarget.com/wsdl/partnerAPI";
const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false });

// biome-ignore lint/suspicious/noExplicitAny: a provider's XML, read by tests
export const bodyOf = (text: string): any => parser.parse(text)["soap:Envelope"]["soap:Body"];
// biome-ignore lint/suspicious/noExplicitAny: a provider's XML, read by tests
export const results = (text: string): any[] =>
  [bodyOf(text).RetrieveResponseMsg.Results ?? []].flat();
export const status = (text: string): string => bodyOf(text).RetrieveResponseMsg.OverallStatus;

export const simple = (property: string, operator: string, ...values: string[]) =>
  `<Filter xsi:type="SimpleFilterPart"><Property>${property}</Property><SimpleOperator>${operator}</SimpleOperator>${values.map((value) => `<Value>${value}</Value>`).join("")}</Filter>`;
