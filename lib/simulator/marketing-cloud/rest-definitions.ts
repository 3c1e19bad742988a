import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import type { Definition } from "./data-types.ts";
import { releaseQueue } from "./messages.ts";
import {
  type Body,
  bodyOf,
  optionalObject,
  optionalText,
  refuse,
  requiredText,
} from "./rest-body.ts";
import { isoMs } from "./rest-journeys.ts";
import {
  filtered,
  notFound,
  ordered,
  pageOf,
  type RestCall,
  type RestRoute,
  route,
  slice,
  unitOf,
} from "./rest-route.ts";

const requestIdOf = ({ core }: RestCall) => core.context.random.uuid();

const toDefinition = (one: Definition) => ({
  definitionId: one.id,
  definitionKey: one.key,
  name: one.name,
  description: one.description,
  status: one.status,
  classification: one.classification,
  content: one.content,
  subscriptions: one.subscriptions,
  options: one.options,
  createdDate: isoMs(one.createdAtMs),
  modifiedDate: isoMs(one.modifiedAtMs),
});

function definitionOf(call: RestCall): Definition {
  const found = unitOf(call).definitions.get((call.parameters.key ?? "").toLowerCase());
  if (!found) throw notFound("Definition not found.");
  return found;
}

/** `count` says how many are on this page. */
function list(call: RestCall): SimulatorResponse {
  const page = pageOf(call);
  const all = unitOf(call).definitions.all().map(toDefinition);
  const found = ordered(filtered(all, call.query.get("$filter")), call.query.get("$orderby"));
  const definitions = slice(found, page);
  return json(200, {
    requestId: requestIdOf(call),
    definitions,
    count: definitions.length,
    ...page,
  });
}

function statusOf(body: Body): Definition["status"] | undefined {
  const given = optionalText(body, "status")?.toLowerCase();
  if (given === undefined) return undefined;
  if (given !== "active" && given !== "inactive") {
    throw refuse(400, 10005, "status must be Active or Inactive.");
  }
  return given === "active" ? "Active" : "Inactive";
}

/** The mail behind a definition has to be there. */
function contentOf(call: RestCall, body: Body): Body | undefined {
  const content = optionalObject(body, "content");
  if (!content) return undefined;
  const key = requiredText(content, "customerKey", 200).toLowerCase();
  const asset = unitOf(call)
    .assets.all()
    .find((one) => one.key.toLowerCase() === key);
  if (!asset?.views) throw refuse(400, 10005, "content.customerKey is not the key of an email.");
  return content;
}

function create(call: RestCall): SimulatorResponse {
  const body = bodyOf(call);
  const key = requiredText(body, "definitionKey", 100);
  const name = requiredText(body, "name", 200);
  const content = contentOf(call, body);
  if (!content) throw refuse(400, 10002, "content.customerKey is required.");
  const { definitions } = unitOf(call);
  if (definitions.get(key.toLowerCase())) {
    throw refuse(409, 30004, `A definition with the key ${key} already exists.`);
  }
  const nowMs = call.core.context.clock.nowMs();
  const made: Definition = {
    id: call.core.context.random.uuid(),
    mid: call.caller.token.mid,
    key,
    name,
    description: optionalText(body, "description") ?? "",
    status: statusOf(body) ?? "Active",
    classification: optionalText(body, "classification") ?? null,
    content,
    subscriptions: optionalObject(body, "subscriptions") ?? {},
    options: optionalObject(body, "options") ?? {},
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
  };
  definitions.put(made);
  return json(201, { requestId: requestIdOf(call), ...toDefinition(made) });
}

function change(call: RestCall): SimulatorResponse {
  const one = definitionOf(call);
  const body = bodyOf(call);
  const nowMs = call.core.context.clock.nowMs();
  const changed: Definition = {
    ...one,
    name: optionalText(body, "name", 200) ?? one.name,
    description: optionalText(body, "description") ?? one.description,
    status: statusOf(body) ?? one.status,
    classification: optionalText(body, "classification") ?? one.classification,
    content: contentOf(call, body) ?? one.content,
    subscriptions: { ...one.subscriptions, ...optionalObject(body, "subscriptions") },
    options: { ...one.options, ...optionalObject(body, "options") },
    modifiedAtMs: nowMs,
  };
  unitOf(call).definitions.put(changed);
  if (changed.status === "Active") releaseQueue(call, changed);
  return json(200, { requestId: requestIdOf(call), ...toDefinition(changed) });
}

function remove(call: RestCall): SimulatorResponse {
  const one = definitionOf(call);
  unitOf(call).definitions.remove(one.key.toLowerCase());
  return json(200, {
    requestId: requestIdOf(call),
    message: "Success",
    deletedDefinitionKey: one.key,
  });
}

const definitions = "/messaging/v1/email/definitions";

/** Definitions of transactional mails (contract 11). */
export const definitionRoutes: readonly RestRoute[] = [
  route("GET", definitions, "email_read", list),
  route("POST", definitions, "email_write", create),
  route("GET", `${definitions}/:key`, "email_read", (call) =>
    json(200, { requestId: requestIdOf(call), ...toDefinition(definitionOf(call)) }),
  ),
  route("PATCH", `${definitions}/:key`, "email_write", change),
  route("DELETE", `${definitions}/:key`, "email_write", remove),
];
