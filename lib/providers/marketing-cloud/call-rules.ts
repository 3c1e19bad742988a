import type { Rule } from "#lib/providers/call-rules.ts";
import { classOfSoap } from "#lib/providers/marketing-cloud/soap-call.ts";

export const marketingCloudShapes = {
  channel: /^(?:email|sms|push|ott)$/i,
  family:
    /^(?:address|asset|automation|contacts|data|hub|interaction|messaging|platform|push|sms)$/i,
  activity:
    /^(?:automations|dataextracts|dataverifications|filetransfers|filters|imports|queries|scripts)$/i,
  mobile: /^(?:message|code|keyword|imports)$/i,
  keyed: /^key:.+$/is,
  guid: /^[0-9a-f-]{32,36}$/i,
  audience: /^message(?:App|Batch|Contact|List|Tag)$/i,
} as const;

const any = "GET POST PUT PATCH DELETE *";
const writing = "POST PUT PATCH DELETE";

const json = (match: { call: { contentType: string | null } }) =>
  /^application\/json\s*(?:;|$)/i.test(match.call.contentType ?? "") ? "read" : "unknown";
/** A read by POST: what to look for stands in its body. */
const readByPost = { readsBody: false, judge: json } as const;

const reads = (operation: string, ...templates: string[]): Rule[] =>
  templates.map((template) => ["GET", template, operation, "read"]);
const writes = (operation: string, ...lines: string[]): Rule[] =>
  lines.map((line) => lineOf(line, operation, "write"));
const runs = (operation: string, ...lines: string[]): Rule[] =>
  lines.map((line) => lineOf(line, operation, "code"));

/** `"POST PUT /path"` */
function lineOf(line: string, operation: string, verdict: "write" | "code"): Rule {
  const at = line.lastIndexOf(" ");
  return [line.slice(0, at), line.slice(at + 1), operation, verdict];
}

/** The table. Everything here is documented or used by well-known clients; all else is unknown. */
export const marketingCloudRules: readonly Rule[] = [
  ["POST", "/Service.asmx", "soap", { readsBody: true, judge: ({ call }) => classOfSoap(call) }],

  // Sessions and keys.
  [any, "/v1/requestToken/**", "auth.token", "credentials"],
  [any, "/v2/token/**", "auth.token", "credentials"],
  [any, "/v2/authorize/**", "auth.authorize", "credentials"],
  ...reads("auth.userinfo", "/v2/userinfo", "/v2/discovery"),
  [any, "/platform/v1/key/**", "keys", "credentials"],
  // A location is an address with its user and password.
  [writing, "/data/v1/filetransferlocations/**", "file_locations", "credentials"],
  [any, "/platform/v1/ens-regenerate/**", "event_notifications.key", "credentials"],

  // What there is.
  ...reads("index", "/{family}/v1/rest"),
  ...reads("platform", "/platform/v1/tokenContext", "/platform/v1/endpoints"),
  ...reads("platform", "/platform/v1/endpoints/{type}", "/platform/v1/setup/quickflow/data"),
  ...reads("platform", "/platform/v1/configcontext"),
  ["POST", "/address/v1/validateEmail", "address.validate", readByPost],

  // Data extensions.
  ...reads("data_extensions.read", "/data/v1/customobjects", "/data/v1/customobjects/{id}"),
  ...reads("data_extensions.read", "/data/v1/customobjects/{id}/fields"),
  ...reads("data_extensions.read", "/data/v1/customobjects/category/{id}"),
  ...writes("data_extensions.create", "POST /data/v1/customobjects"),
  ...writes("data_extensions.write", "PATCH PUT DELETE /data/v1/customobjects/{id}"),
  ...writes("data_extensions.write", "POST PUT PATCH /data/v1/customobjects/{id}/fields"),
  ...writes("data_extensions.write", "POST /data/v1/customobjectsasync/{id}/fields"),
  ...writes("data_extensions.clear", "POST /data/v1/customobjects/{id}/cleardata"),
  ...reads("rows.read", "/data/v1/customobjectdata/key/{key}/rowset"),
  ...reads("rows.read", "/data/v1/customobjectdata/key/{key}/rows"),
  ...reads("rows.read", "/data/v1/customobjectdata/{id}/rowset"),
  ...reads("rows.read", "/data/v1/customobjectdata/token/{token}/rowset"),
  ...reads("rows.read", "/hub/v1/dataevents/{keyed}/rowset", "/hub/v1/dataevents/{guid}/rowset"),
  ...writes("rows.write", "POST PUT /hub/v1/dataevents/{keyed}/rowset"),
  ...writes("rows.write", "POST PUT /hub/v1/dataevents/{guid}/rowset"),
  ...writes("rows.write", "PUT PATCH DELETE /hub/v1/dataevents/{keyed}/rows/{row}"),
  ...writes("rows.write", "PUT PATCH DELETE /hub/v1/dataevents/{guid}/rows/{row}"),
  ...writes("rows.write", "PUT /hub/v1/dataevents/{keyed}/rows/{row}/column/{column}/increment"),
  ...writes("rows.write", "PUT /hub/v1/dataevents/{guid}/rows/{row}/column/{column}/increment"),
  ...writes("rows.write_async", "POST PUT /hub/v1/dataeventsasync/**"),
  ...writes("rows.write_async", "POST PUT DELETE /data/v1/async/dataextensions/{keyed}/rows"),
  ...writes("rows.write_async", "POST PUT DELETE /data/v1/async/dataextensions/{guid}/rows"),
  ...reads("rows.write_state", "/data/v1/async/{id}/status", "/data/v1/async/{id}/results"),
  ...reads("audit.read", "/data/v1/audit/auditEvents", "/data/v1/audit/securityEvents"),

  // Journeys.
  ...reads("journeys.read", "/interaction/v1/interactions", "/interaction/v1/interactions/{id}"),
  ...reads("journeys.read", "/interaction/v1/interactions/{id}/audit/{action}"),
  ...reads("journeys.state", "/interaction/v1/interactions/publishStatus/{id}"),
  ...reads("journeys.state", "/interaction/v1/interactions/validateStatus/{id}"),
  ...reads("journeys.events", "/interaction/v1/eventDefinitions"),
  ...reads("journeys.events", "/interaction/v1/eventDefinitions/{id}"),
  ["POST", "/interaction/v1/interactions/contactMembership", "journeys.members", readByPost],
  ["POST", "/interaction/v1/interactions/contactexit/status", "journeys.members", readByPost],
  ["POST", "/interaction/v1/interactions/validateAsync", "journeys.validate", readByPost],
  ["POST", "/interaction/v1/interactions/validateAsync/{id}", "journeys.validate", readByPost],
  ...writes("journeys.write", "POST PUT /interaction/v1/interactions"),
  ...writes("journeys.write", "PUT PATCH DELETE /interaction/v1/interactions/{id}"),
  ...writes("journeys.events.write", "POST /interaction/v1/eventDefinitions"),
  ...writes("journeys.events.write", "PUT PATCH DELETE /interaction/v1/eventDefinitions/{id}"),
  ...runs("journeys.publish", "POST /interaction/v1/interactions/publishAsync/{id}"),
  ...runs("journeys.stop", "POST /interaction/v1/interactions/stop/{id}"),
  ...runs("journeys.pause", "POST /interaction/v1/interactions/pause/{id}"),
  ...runs("journeys.resume", "POST /interaction/v1/interactions/resume/{id}"),
  ...runs("journeys.exit", "POST /interaction/v1/interactions/contactexit"),
  // An event lets a contact into a journey, and the journey sends.
  ...runs("journeys.fire", "POST /interaction/v1/events", "POST /interaction/v1/async/events"),

  // Automations and their activities: what is written here, queries and scripts, is what runs.
  ...reads("automations.read", "/automation/v1/{activity}", "/automation/v1/{activity}/{id}"),
  ...reads("automations.read", "/automation/v1/{activity}/category/{id}"),
  ...reads("automations.read", "/automation/v1/ftplocations", "/automation/v1/ftplocations/{id}"),
  ...reads("automations.read", "/automation/v1/dataextracttypes"),
  ...reads("automations.read", "/data/v1/filetransferlocations"),
  ...reads("automations.read", "/data/v1/filetransferlocations/{id}"),
  ...reads("filters.read", "/email/v1/filters/filterdefinition/{id}"),
  ...reads("filters.read", "/email/v1/filters/filterdefinition/category/{id}"),
  ...writes("filters.write", "POST /email/v1/filters/filterdefinition"),
  ...writes("filters.write", "PATCH PUT DELETE /email/v1/filters/filterdefinition/{id}"),
  ...reads("automations.read", "/automation/v1/folders", "/automation/v1/folders/{id}"),
  ...reads("automations.state", "/automation/v1/queries/{id}/actions/isrunning"),
  ["POST", "/automation/v1/queries/actions/validate", "automations.validate", readByPost],
  ...runs("automations.write", `POST /automation/v1/{activity}`),
  ...runs("automations.write", `PUT PATCH DELETE /automation/v1/{activity}/{id}`),
  ...runs("automations.run", `${writing} /automation/v1/{activity}/{id}/actions/**`),
  ...reads("automations.read", "/legacy/v1/beta/bulk/automations/automation/definition"),
  ...reads("automations.read", "/legacy/v1/beta/bulk/automations/automation/definition/{id}"),
  ...reads("automations.read", "/legacy/v1/beta/automations/notifications/{id}"),
  ...runs("automations.run", `${writing} /legacy/v1/beta/bulk/automations/**`),
  ...runs("automations.write", `${writing} /legacy/v1/beta/automations/notifications/{id}`),

  // Content.
  ...reads("content.read", "/asset/v1/content/assets", "/asset/v1/content/assets/{id}"),
  ...reads("content.read", "/asset/v1/content/assets/{id}/file"),
  ...reads("content.read", "/asset/v1/content/assets/{id}/salutations"),
  ...reads("content.read", "/asset/v1/content/assets/{id}/channelviews/{view}"),
  ...reads("content.read", "/asset/v1/assets", "/asset/v1/assets/{id}"),
  ...reads("content.read", "/asset/v1/content/categories", "/asset/v1/content/categories/{id}"),
  ["POST", "/asset/v1/content/assets/query", "content.query", readByPost],
  ["POST", "/asset/v1/assets/query", "content.query", readByPost],
  ...writes("content.write", "POST /asset/v1/content/assets", "POST /asset/v1/assets"),
  ...writes("content.write", "PUT PATCH DELETE /asset/v1/content/assets/{id}"),
  ...writes("content.write", "PUT PATCH DELETE /asset/v1/assets/{id}"),
  ...writes("content.write", "POST /asset/v1/content/categories"),
  ...writes("content.write", "PUT PATCH DELETE /asset/v1/content/categories/{id}"),

  // Transactional messages: a message is a send.
  ...reads("messages.read", "/messaging/v1/{channel}/definitions"),
  ...reads("messages.read", "/messaging/v1/{channel}/definitions/{key}"),
  ...reads("messages.read", "/messaging/v1/{channel}/definitions/{key}/queue"),
  ...reads("messages.read", "/messaging/v1/{channel}/messages"),
  ...reads("messages.read", "/messaging/v1/{channel}/messages/{key}"),
  ...writes("messages.define", "POST /messaging/v1/{channel}/definitions"),
  ...writes("messages.define", "PATCH PUT DELETE /messaging/v1/{channel}/definitions/{key}"),
  ...writes("messages.define", "DELETE /messaging/v1/{channel}/definitions/{key}/queue"),
  ...runs("messages.send", "POST /messaging/v1/{channel}/messages"),
  ...runs("messages.send", "POST /messaging/v1/{channel}/messages/{key}"),
  ...runs("messages.send", "POST /messaging/v1/messageDefinitionSends/{key}/send"),
  ...runs("messages.send", "POST /messaging/v1/messageDefintionSend/{key}/send"),
  ...runs("messages.send", "POST /messaging/v1/messageDefinitionSends/{key}/sendBatch"),
  ...reads("messages.read", "/messaging/v1/messageDefinitionSends/{key}/deliveryRecords/{id}"),
  ...reads("messages.domains", "/messaging/v1/domainverification"),
  ...writes("messages.domains.write", "POST /messaging/v1/domainverification/**"),
  ...reads("messages.read", "/legacy/v1/beta/messaging/deliverypolicy"),
  ...reads("messages.read", "/legacy/v1/beta/messaging/deliverypolicy/{id}"),

  // Contacts.
  ...reads("contacts.read", "/contacts/v1/schema", "/contacts/v1/schemas/{id}/attributeGroups"),
  ...reads("contacts.read", "/contacts/v1/schemas/{id}/attributeGroups/{part}"),
  ...reads("contacts.read", "/contacts/v1/attributeSetDefinitions"),
  ...reads("contacts.read", "/contacts/v1/attributeSetDefinitions/{id}"),
  ...reads("contacts.read", "/contacts/v1/attributeSets/{id}", "/contacts/v1/attributeGroups"),
  ...reads("contacts.read", "/hub/v1/contacts/schema/setDefinitions"),
  ...reads("contacts.read", "/hub/v1/contacts/schema/attributeGroups"),
  ...reads("contacts.read", "/contacts/v1/customObject/{id}/isUsedInContacts"),
  ...reads("contacts.read", "/contacts/v1/customobjectfield/{id}/relationships"),
  ...reads("contacts.read", "/contacts/v1/contacts/{id}/Preferences"),
  ...reads("contacts.deletions", "/contacts/v1/contacts/deleteOperations"),
  ...reads("contacts.deletions", "/contacts/v1/contacts/actions/{action}/status"),
  ...reads("contacts.deletions", "/contacts/v1/contacts/analytics/deleterequests"),
  ...reads("contacts.deletions", "/contacts/v1/contacts/analytics/deleterequests/summary"),
  ["POST", "/contacts/v1/addresses/email/search", "contacts.search", readByPost],
  ["POST", "/contacts/v1/addresses/count", "contacts.search", readByPost],
  ["POST", "/contacts/v1/addresses/search/{attribute}", "contacts.search", readByPost],
  ["POST", "/contacts/v1/attributes/search", "contacts.search", readByPost],
  ["POST", "/contacts/v1/contacts/preferences/search", "contacts.search", readByPost],
  ...writes("contacts.write", "POST PATCH /contacts/v1/contacts", "POST /contacts/v1/establish"),
  ...writes("contacts.write", "POST PATCH /contacts/v1/attributeSets/{id}"),
  ...writes("contacts.write", "POST /contacts/v1/attributeGroups/population"),
  ...writes("contacts.write", "POST PATCH /contacts/v1/contacts/preferences"),
  ...writes("contacts.write", "POST PATCH /contacts/v1/contacts/{id}/Preferences"),
  ...writes("contacts.delete", "POST /contacts/v1/contacts/actions/delete"),
  ...writes("contacts.delete", "POST /contacts/v1/contacts/actions/delete/configSettings"),
  ...writes("contacts.delete", "POST /contacts/v1/contacts/actions/delete/options"),
  ...writes("contacts.delete", "POST /contacts/v1/contacts/actions/restrict"),
  ...writes("contacts.delete", "POST /contacts/v1/operations/{action}/{id}/retry"),
  ...runs("contacts.fire", "POST /contacts/v1/contactEvents"),

  // Campaigns, approvals, tags.
  ...reads("campaigns.read", "/hub/v1/campaigns", "/hub/v1/campaigns/{id}"),
  ...reads(
    "campaigns.read",
    "/hub/v1/campaigns/{id}/assets",
    "/hub/v1/campaigns/{id}/assets/{part}",
  ),
  ...writes("campaigns.write", "POST /hub/v1/campaigns", "PATCH DELETE /hub/v1/campaigns/{id}"),
  ...writes("campaigns.write", "POST /hub/v1/campaigns/{id}/assets"),
  ...writes("campaigns.write", "DELETE /hub/v1/campaigns/{id}/assets/{part}"),
  ...reads("approvals.read", "/hub/v1/approvals", "/hub/v1/approvals/{id}"),
  ...reads("approvals.read", "/hub/v1/approvals/{id}/roles", "/hub/v1/approvals/settings"),
  // To approve is to let a send go.
  ...runs("approvals.write", "POST /hub/v1/approvals", "PATCH /hub/v1/approvals/{id}"),
  ...runs("approvals.write", "PATCH /hub/v1/approvals/settings"),
  ...reads("tags.read", "/hub/v1/nestedtags", "/hub/v1/nestedtags/{id}"),
  ...writes("tags.write", "POST /hub/v1/nestedtags", "PUT PATCH DELETE /hub/v1/nestedtags/{id}"),
  ...writes("tags.write", "POST /hub/v1/objects/{type}/tags"),
  ...writes("tags.delete", "POST /hub/v1/objects/{type}/tags/delete"),

  // Event notifications carry events out to another address.
  ...reads("event_notifications.read", "/platform/v1/ens-callbacks"),
  ...reads("event_notifications.read", "/platform/v1/ens-callbacks/{id}"),
  ...reads("event_notifications.read", "/platform/v1/ens-subscriptions/{id}"),
  ...reads("event_notifications.read", "/platform/v1/ens-subscriptions-by-cb/{id}"),
  ...runs("event_notifications.write", `${writing} /platform/v1/ens-callbacks/**`),
  ...runs("event_notifications.write", `${writing} /platform/v1/ens-subscriptions/**`),
  ...runs("event_notifications.write", "POST /platform/v1/ens-verify"),

  // Mobile.
  ...reads(
    "mobile.read",
    "/legacy/v1/beta/mobile/{mobile}",
    "/legacy/v1/beta/mobile/{mobile}/{id}",
  ),
  ...reads("mobile.read", "/sms/v1/automation/importSend/{token}/status"),
  ...reads("mobile.read", "/sms/v1/contacts/queueImport/{id}/status/{token}"),
  ...reads("mobile.read", "/sms/v1/contacts/refreshList/{id}/status/{token}"),
  ...reads("mobile.read", "/sms/v1/messageContact/{id}/deliveries/{token}"),
  ...reads("mobile.read", "/sms/v1/messageContact/{id}/history/{token}/**"),
  ...reads("mobile.read", "/sms/v1/messageList/{id}/deliveries/{token}"),
  ...reads("mobile.read", "/sms/v1/queueMO/deliveries/{token}", "/sms/v1/queueMO/history/{token}"),
  ["POST", "/sms/v1/contacts/subscriptions", "mobile.subscriptions", readByPost],
  ...writes("mobile.keywords", "POST /sms/v1/keyword", "DELETE /sms/v1/keyword/**"),
  ...writes("mobile.import", "POST /sms/v1/contacts/queueImport/{id}"),
  ...writes("mobile.import", "POST /sms/v1/contacts/refreshList/{id}"),
  ...writes("mobile.define", "POST /sms/v1/message/optin"),
  ...writes("mobile.report", "POST /sms/v1/automation/importSend/{id}/deliveryReport"),
  ...writes("mobile.report", "POST /sms/v1/messageList/{id}/deliveryReport/{token}"),
  ...runs("mobile.send", "POST /sms/v1/automation/importSend", "POST /sms/v1/queueMO"),
  ...runs("mobile.send", "POST /sms/v1/messageContact/{id}/send"),
  ...runs("mobile.send", "POST /sms/v1/messageList/{id}/send"),
  ...reads("push.read", "/push/v1/application", "/push/v1/application/{id}"),
  ...reads("push.read", "/push/v1/application/{id}/key"),
  ...writes("push.write", "POST PUT DELETE /push/v1/application/{id}/key/**"),
  ...reads("push.read", "/push/v1/location", "/push/v1/location/{id}"),
  ...reads("push.read", "/push/v1/message", "/push/v1/message/{id}"),
  ...reads("push.read", "/push/v1/contacts/refreshList/{id}/status/{token}"),
  ...reads("push.read", "/push/v1/{audience}/{id}/deliveries/{token}"),
  ...writes("push.write", "POST /push/v1/location", "PUT DELETE /push/v1/location/{id}"),
  ...writes("push.write", "PUT DELETE /push/v1/message/{id}"),
  ...writes("push.write", "POST /push/v1/contacts/refreshList/{id}"),
  // A push message may be made with the time at which it goes out.
  ...runs("push.send", "POST /push/v1/message", "POST /push/v1/{audience}/{id}/send"),
];
