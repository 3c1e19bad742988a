import { type ClassedCall, type ProxiedCall, unknownCall } from "#lib/providers/proxied-call.ts";
import { type SoapOperation, soapActionOf, soapOperationOf } from "#lib/providers/soap-body.ts";

const partnerApi = "http://exacttarget.com/wsdl/partnerAPI";

type Judge = (operation: SoapOperation) => ClassedCall["class"];

/** The element of the body, the SOAPAction that goes with it, and what it does. */
const operations: Readonly<Record<string, readonly [action: string, judge: Judge]>> = {
  RetrieveRequestMsg: ["retrieve", classOfRetrieve],
  QueryRequestMsg: ["query", () => "read"],
  DefinitionRequestMsg: ["describe", () => "read"],
  SystemStatusRequestMsg: ["getsystemstatus", () => "read"],
  VersionInfoRequestMsg: ["versioninfo", () => "read"],
  CreateRequest: ["create", classOfWrite],
  UpdateRequest: ["update", classOfWrite],
  DeleteRequest: ["delete", classOfWrite],
  // They run what somebody built: automations, sends, imports, queries, unsubscribes, extracts to FTP.
  PerformRequestMsg: ["perform", classOfRun],
  ScheduleRequestMsg: ["schedule", classOfRun],
  ExecuteRequestMsg: ["execute", classOfRun],
  ExtractRequestMsg: ["extract", classOfRun],
  ConfigureRequestMsg: ["configure", classOfRun],
};

/** Users hold passwords; the others are keys or addresses with a password in them. */
const credentialTypes: ReadonlySet<string> = new Set([
  "account",
  "accountuser",
  "filetransferlocation",
  "ftplocation",
  "oauthapplication",
  "publickeymanagement",
  "ssoidentity",
  "useraccess",
]);

/** Creating one of these is the sending itself; their definitions end differently. */
const sends: ReadonlySet<string> = new Set([
  "send",
  "triggeredsend",
  "smstriggeredsend",
  "voicetriggeredsend",
  "salesforcesend",
  "smsmtsend",
]);

/**
 * A call of the SOAP API is what the one element of its body says. The SOAPAction, and the action that an
 * envelope's own header names (WS-Addressing), must say the same, where there is one: which of them the
 * server goes by is not ours to guess.
 *
 * @see SOAP API reference, methods and objects
 */
export function classOfSoap(call: ProxiedCall): ClassedCall {
  const operation = soapOperationOf(call);
  if (!operation || operation.namespace !== partnerApi) return unknownCall;
  if (!Object.hasOwn(operations, operation.name)) return unknownCall;
  const [action, judge] = operations[operation.name] ?? [];
  const asked = [call.soapAction, ...operation.headersOf("Action")]
    .map((each) => soapActionOf(each).toLowerCase())
    .filter((each) => each !== "");
  if (!judge || !asked.every((each) => each === action)) return unknownCall;
  return { class: judge(operation), operation: `soap.${action}` };
}

const isTrue = (text: string) => /^(?:true|1)$/i.test(text);

/** Asking for what is new since the last batch moves the mark of the last batch. */
function classOfRetrieve({ textsOf }: SoapOperation): ClassedCall["class"] {
  return textsOf("RetrieveAllSinceLastBatch").some(isTrue) ? "write" : "read";
}

function classOfWrite({ types }: SoapOperation): ClassedCall["class"] {
  const named = types.map((type) => type.toLowerCase());
  if (named.some((type) => credentialTypes.has(type))) return "credentials";
  if (named.some((type) => sends.has(type))) return "code";
  return named.length > 0 ? "write" : "unknown";
}

function classOfRun({ types }: SoapOperation): ClassedCall["class"] {
  return types.some((type) => credentialTypes.has(type.toLowerCase())) ? "credentials" : "code";
}
