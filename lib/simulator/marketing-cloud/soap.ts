import { mediaType, splitPath } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { type Call, restError, scopeOf, withSubject } from "./core.ts";
import type { SoapCall } from "./soap-call.ts";
import { perform } from "./soap-perform.ts";
import { retrieve } from "./soap-retrieve.ts";
import { soapTypes } from "./soap-types.ts";
import { write } from "./soap-write.ts";
import {
  apiNamespace,
  child,
  childrenOf,
  envelope,
  fault,
  out,
  parseXml,
  render,
  soapNamespace,
  textOf,
  tokenNamespace,
  XmlError,
  type XmlNode,
} from "./soap-xml.ts";
import { readSwitch } from "./switches.ts";
import { type Authenticated, authenticate } from "./tokens.ts";
import { subjectOf } from "./whoami.ts";
import { hostOf } from "./world.ts";

/** Body element to action: the SOAPAction header has to name the same. */
const actions: Readonly<Record<string, { name: string; answer: (call: SoapCall) => string }>> = {
  RetrieveRequestMsg: { name: "Retrieve", answer: retrieve },
  CreateRequest: { name: "Create", answer: (call) => write(call, "Create") },
  UpdateRequest: { name: "Update", answer: (call) => write(call, "Update") },
  DeleteRequest: { name: "Delete", answer: (call) => write(call, "Delete") },
  PerformRequestMsg: { name: "Perform", answer: perform },
  DefinitionRequestMsg: { name: "Describe", answer: describe },
};

const maxBodyBytes = 4 * 1024 * 1024;
const noAction =
  "Unable to handle request without a valid action parameter. Please supply a valid soap action.";

/** `POST /Service.asmx`: SOAP 1.1, read by namespace, whatever the prefixes and the order. */
export function handleSoap(call: Call): SimulatorResponse {
  const { request } = call;
  const { pathname } = splitPath(request.path);
  if (pathname.toLowerCase() !== "/service.asmx") return restError(404, 404, "Not Found");
  if (request.method !== "POST") {
    return restError(405, 405, "Method Not Allowed", { allow: "POST" });
  }
  if (mediaType(request) !== "text/xml") return restError(415, 0, "Unsupported Media Type");
  if (request.body.length > maxBodyBytes) return restError(413, 0, "Request Entity Too Large");
  try {
    return answer(call, parseXml(request.body.toString("utf8")));
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return refuse(call, "soap:Client", `Server was unable to read request. ---> ${error.message}`);
  }
}

const endpointOf = ({ request, tenant }: Call) =>
  `${request.urlFor(hostOf(tenant.subdomain, "soap"))}/Service.asmx`;

const xml = (status: number, body: string): SimulatorResponse => ({
  status,
  headers: { "content-type": "text/xml; charset=utf-8", "cache-control": "private, max-age=0" },
  body,
});

function refuse(call: Call, code: string, text: string): SimulatorResponse {
  const endpoint = endpointOf(call);
  const requestId = call.core.context.random.uuid();
  return xml(500, envelope("fault", requestId, endpoint, fault(code, text, endpoint)));
}

/** The security faults; `Token Expired` is the text that makes clients refresh. */
const refuseToken = (call: Call, text: string) => refuse(call, "q0:Security", text);

function answer(call: Call, root: XmlNode): SimulatorResponse {
  if (root.name !== "Envelope" || root.namespace !== soapNamespace) {
    return refuse(call, "soap:VersionMismatch", "Possible SOAP version mismatch.");
  }
  const caller = callerOf(call, root);
  if ("status" in caller) return caller;
  const subject = subjectOf(caller);
  const switched = readSwitch(call.core.context.faults, "soap", scopeOf(call, subject));
  if (switched === "token-expired") return withSubject(refuseToken(call, "Token Expired"), subject);
  if (switched === "login-failed") return withSubject(refuseToken(call, "Login Failed"), subject);
  if (switched === "server-error") {
    return withSubject(refuse(call, "soap:Server", "Internal Server Error"), subject);
  }
  const body = root.children.find(
    (node) => node.name === "Body" && node.namespace === soapNamespace,
  );
  const message = body?.children.length === 1 ? body.children[0] : undefined;
  const action =
    message?.namespace === apiNamespace && Object.hasOwn(actions, message.name)
      ? actions[message.name]
      : undefined;
  if (!message || !action || actionHeader(call) !== action.name.toLowerCase()) {
    return withSubject(refuse(call, "soap:Client", noAction), subject);
  }
  const requestId = call.core.context.random.uuid();
  const text = action.answer({ ...call, caller, message, requestId });
  return withSubject(
    xml(200, envelope(`${action.name}Response`, requestId, endpointOf(call), text)),
    subject,
  );
}

/** With or without quotes, with or without a URL in front. */
const actionHeader = ({ request }: Call): string | undefined =>
  request.headers.get("soapaction")?.replaceAll('"', "").trim().split(/[/#]/).at(-1)?.toLowerCase();

function callerOf(call: Call, root: XmlNode): Authenticated | SimulatorResponse {
  const header = root.children.find(
    (node) => node.name === "Header" && node.namespace === soapNamespace,
  );
  const token = header?.children
    .find((node) => node.name === "fueloauth" && node.namespace === tokenNamespace)
    ?.text.trim();
  if (!token) return refuseToken(call, "Login Failed");
  const caller = authenticate(call.core, token);
  if (caller === "malformed") {
    return refuseToken(
      call,
      `SOAP Authorization failed for Oauth token: ${token.slice(0, 600)} Reason: ParseError.`,
    );
  }
  if (caller === "expired") return refuseToken(call, "Token Expired");
  if (caller === "unknown" || caller.tenant.subdomain !== call.tenant.subdomain) {
    return refuseToken(call, "Login Failed");
  }
  return caller;
}

/** What can be retrieved of an object type. */
function describe(call: SoapCall): string {
  const requests = childrenOf(child(call.message, "DescribeRequests"), "ObjectDefinitionRequest");
  const parts = requests.flatMap((request) => {
    const objectType = textOf(request, "ObjectType") ?? "";
    const type = Object.hasOwn(soapTypes, objectType) ? soapTypes[objectType] : undefined;
    if (!type) return [];
    const properties = type.properties.map((name) =>
      out("Properties", [
        out("PartnerKey", null),
        out("ObjectID", null),
        out("Name", name),
        out("IsRetrievable", "true"),
      ]),
    );
    return [out("ObjectDefinition", [out("ObjectType", objectType), ...properties])];
  });
  return `<DefinitionResponseMsg xmlns="${apiNamespace}">${[...parts, out("RequestID", call.requestId)].map(render).join("")}</DefinitionResponseMsg>`;
}
