import type { InstanceHosts } from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import type { SoapTokenPlace } from "#lib/providers/soap-token.ts";

export type ProxyDoor = "rest" | "soap";

/** A refused answer of a provider, as far as it is looked at. */
export type RefusedAnswer = {
  door: ProxyDoor;
  /** As it was sent. */
  path: string;
  status: number;
  /** Its beginning, as text. */
  body: string;
};

/** A refusal of ours in the words of a provider's own. */
export type WordedRefusal = {
  status: number;
  contentType: string;
  body: string;
  headers: Readonly<Record<string, string>>;
};

export type RefusalToWord = {
  /** `room.reason` */
  code: string;
  status: number;
  message: string;
  /** Where the reason is explained at length. */
  helpUrl: string;
};

/** What the proxy must know of a provider beside its operations. */
export type ProxyDialect = {
  /** The tenant's host behind a door; null where the grant has none. */
  hostOf(hosts: InstanceHosts, door: ProxyDoor): string | null;
  readonly tokenPlace: SoapTokenPlace;
  /** Whether the access token has ended, so that a newer one would help. */
  saysTokenEnded(answer: RefusedAnswer): boolean;
  /** What a refused call means for who made it. */
  meaningOf(answer: RefusedAnswer): ReasonCode;
  /** Whether an answer from this path holds an address that clients go on to with their token. */
  hasLinks(path: string): boolean;
  /** The answer with that address led through the proxy, so that no agent key goes elsewhere. */
  withOwnLinks(body: Buffer, mountedAt: string): Buffer;
  /**
   * Stands once in each row of an answer from there, and in no value of one, so that rows can be counted as
   * they pass; null where they show themselves by nothing.
   */
  rowMark(at: { door: ProxyDoor; path: string }): string | null;
  /** A refusal of ours as the provider's clients understand it. */
  word(refusal: RefusalToWord, door: ProxyDoor): WordedRefusal;
};

const escapes: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;" };
const escaped = (text: string) => text.replaceAll(/[<>&]/g, (sign) => escapes[sign] ?? "");

/** Both SDKs look the string `soap:Fault` up, and SOAP 1.1 sends faults with 500. */
export function soapFault({ code, message, status }: RefusalToWord, text = message): WordedRefusal {
  const side = status >= 500 ? "Server" : "Client";
  return {
    status: status === 429 || status === 503 ? status : 500,
    contentType: "text/xml; charset=utf-8",
    headers: {},
    body: `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault><faultcode>soap:${side}</faultcode><faultstring>${escaped(text)}</faultstring><detail>${escaped(`${code}: ${message}`)}</detail></soap:Fault></soap:Body></soap:Envelope>`,
  };
}
