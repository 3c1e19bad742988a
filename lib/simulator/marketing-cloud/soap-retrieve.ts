import type { Found } from "./cursors.ts";
import type { DataExtension } from "./data-types.ts";
import { permissionFailed, type SoapCall, StatusProblem, unitOf } from "./soap-call.ts";
import { toPredicate } from "./soap-filter.ts";
import type { SoapItem, SoapType } from "./soap-item.ts";
import { soapTypes } from "./soap-types.ts";
import {
  apiNamespace,
  child,
  childrenOf,
  isTrue,
  type Out,
  out,
  render,
  textOf,
  type XmlNode,
} from "./soap-xml.ts";
import { may } from "./tokens.ts";

const maxPage = 2500;

const foundIn = <T>(items: readonly T[], toOut: (item: T) => Out): Found => ({
  count: items.length,
  result: (at) => toOut(items[at] as T),
});

/** RetrieveRequestMsg: OverallStatus, RequestID, Results, in this order; errors are HTTP 200 as well. */
export function retrieve(call: SoapCall): string {
  const request = child(call.message, "RetrieveRequest");
  if (!request) return answer(call, "Error: RetrieveRequest is missing.", []);
  try {
    const pageSize = batchSize(request);
    const { found, next: from } = continued(call, request) ?? {
      found: first(call, request),
      next: 0,
    };
    const next = from + pageSize;
    const page = Array.from({ length: Math.min(next, found.count) - from }, (_, at) =>
      found.result(from + at),
    );
    if (next >= found.count) return answer(call, "OK", page);
    const { id } = call.core.cursors.open({
      kind: "retrieve",
      tenant: call.caller.tenant.subdomain,
      mid: call.caller.token.mid,
      found,
      next,
    });
    return answer({ ...call, requestId: id }, "MoreDataAvailable", page);
  } catch (error) {
    if (error instanceof StatusProblem) return answer(call, `Error: ${error.message}`, []);
    throw error;
  }
}

const answer = (call: SoapCall, status: string, results: readonly Out[]): string =>
  `<RetrieveResponseMsg xmlns="${apiNamespace}">${render(out("OverallStatus", status))}${render(out("RequestID", call.requestId))}${results.map(render).join("")}</RetrieveResponseMsg>`;

function batchSize(request: XmlNode): number {
  const given = Number(textOf(child(request, "Options"), "BatchSize") ?? maxPage);
  return Number.isInteger(given) && given > 0 ? Math.min(given, maxPage) : maxPage;
}

function continued(call: SoapCall, request: XmlNode): { found: Found; next: number } | undefined {
  const id = textOf(request, "ContinueRequest");
  if (!id) return undefined;
  const { tenant, token } = call.caller;
  const cursor = call.core.cursors.find(id, tenant.subdomain, token.mid);
  if (cursor?.kind !== "retrieve") {
    throw new StatusProblem("The ContinueRequest is unknown or has expired.");
  }
  return cursor;
}

function first(call: SoapCall, request: XmlNode): Found {
  const objectType = textOf(request, "ObjectType") ?? "";
  const properties = childrenOf(request, "Properties").map(({ text }) => text.trim());
  const filter = child(request, "Filter");
  const rows = /^DataExtensionObject\s*\[(.+)\]$/.exec(objectType);
  if (rows) return rowResults(call, rows[1] as string, properties, filter);

  const type = Object.hasOwn(soapTypes, objectType) ? soapTypes[objectType] : undefined;
  if (!type) throw new StatusProblem(`The object type ${objectType} is not supported.`);
  requireScope(call, type.scope);
  const asked = new Set(properties.flatMap((name) => (name === "Client" ? ["Client.ID"] : [name])));
  const wrong = [...asked].filter(
    (name) => !type.properties.includes(name) && name !== "PartnerKey",
  );
  // ID and ObjectID are base properties: FuelSDK asks for them when it was told none.
  const unknown = wrong.filter((name) => name !== "ID" && name !== "ObjectID");
  if (unknown.length > 0) {
    throw new StatusProblem(
      `The Request Property(s) ${unknown.join(", ")} do not match with the fields of ${objectType} retrieve`,
    );
  }
  const isAllAccounts = isTrue(textOf(request, "QueryAllAccounts"));
  const keep = filter ? toPredicate(filter, type.properties) : () => true;
  const items = type.items(call, isAllAccounts).filter(keep);
  return foundIn(items, (item) => toResult(call, objectType, type, asked, item));
}

function requireScope(call: SoapCall, scope: string | null): void {
  if (scope !== null && !may(call.caller, scope)) throw new StatusProblem(permissionFailed);
}

/** Properties in the WSDL's order, dotted ones nested; PartnerKey and ObjectID are nil when empty. */
function toResult(
  call: SoapCall,
  objectType: string,
  { properties: order, repeated = {} }: SoapType,
  asked: ReadonlySet<string>,
  item: SoapItem,
): Out {
  const top: Out[] = [];
  const nested = new Map<string, Out[]>();
  const put = (name: string, value: string | null) => {
    const [first = "", second] = name.split(".");
    if (second === undefined) {
      top.push(out(first, value));
      return;
    }
    const inside = nested.get(first);
    if (inside) inside.push(out(second, value));
    else {
      const made = [out(second, value)];
      nested.set(first, made);
      top.push(out(first, made));
    }
  };
  for (const name of order.filter((one) => one.startsWith("Client."))) {
    if (asked.has(name)) put(name, item[name] ?? null);
  }
  put("PartnerKey", null);
  for (const name of order.filter((one) => !one.startsWith("Client."))) {
    const several = asked.has(name) ? repeated[name] : undefined;
    if (several) top.push(...several(call, item));
    else if (asked.has(name)) put(name, item[name] ?? null);
    else if (name === "ObjectID") put(name, null);
  }
  return out("Results", top, objectType);
}

function findDataExtension(call: SoapCall, key: string): DataExtension {
  const { core, caller } = call;
  // The vendor wants the customer key; FuelSDK sends whatever its caller calls the name.
  const found =
    core.data.findByKey(caller.tenant, caller.token.mid, key) ??
    [...unitOf(call).dataExtensions.values()].find(({ name }) => name === key);
  if (!found) throw new StatusProblem(`Data extension does not exist: ${key}`);
  return found;
}

function rowResults(
  call: SoapCall,
  key: string,
  properties: readonly string[],
  filter: XmlNode | undefined,
): Found {
  requireScope(call, "data_extensions_read");
  const one = findDataExtension(call, key);
  const names = one.fields.map(({ name }) => name);
  const named = properties
    .filter((property) => property !== "*")
    .map(
      (property) =>
        [property, names.find((name) => name.toLowerCase() === property.toLowerCase())] as const,
    );
  const unknown = named.filter(([, name]) => name === undefined).map(([property]) => property);
  if (unknown.length > 0) {
    throw new StatusProblem(
      `The Request Property(s) ${unknown.join(", ")} do not match with the fields of ${key} retrieve`,
    );
  }
  const keep = filter ? toPredicate(filter, names) : () => true;
  return foundIn(call.core.data.rows(one).filter(keep), (row) =>
    out(
      "Results",
      [
        out("PartnerKey", null),
        out("ObjectID", null),
        out("Type", "DataExtensionObject"),
        out(
          "Properties",
          named.map(([, name = ""]) =>
            out("Property", [out("Name", name), out("Value", row[name] ?? "")]),
          ),
        ),
      ],
      "DataExtensionObject",
    ),
  );
}
