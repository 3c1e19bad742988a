import type { Match, Rule } from "#lib/providers/call-rules.ts";
import { parametersOf } from "#lib/providers/call-target.ts";
import type { CallClass, ClassedCall, ProxiedCall } from "#lib/providers/proxied-call.ts";
import {
  classOfBatch,
  classOfComposite,
  classOfGraphs,
  isRecord,
  jsonOf,
} from "#lib/providers/salesforce/batch-call.ts";
import { objectName } from "#lib/providers/salesforce/credential-objects.ts";
import { classOfGraphql } from "#lib/providers/salesforce/graphql-call.ts";
import { classOfAddressedIds } from "#lib/providers/salesforce/object-class.ts";
import {
  classOfIngest,
  classOfRecordWrite,
  classOfTypedRecords,
} from "#lib/providers/salesforce/record-call.ts";
import { classOfSoap } from "#lib/providers/salesforce/soap-call.ts";
import { changesData } from "#lib/providers/salesforce/soql.ts";

export const salesforceShapes = {
  v: /^v\d{2,3}\.\d$/i,
  api: /^[uc]$/i,
  soapVersion: /^\d{2,3}\.\d$/,
  object: objectName,
  name: /^[A-Za-z][A-Za-z0-9_]*$/,
} as const;

const data = "/services/data/{v}";
const any = "GET POST PUT PATCH DELETE *";
const writing = "POST PUT PATCH DELETE";

const byHead = (judge: (match: Match) => CallClass | ClassedCall) => ({ readsBody: false, judge });
const byBody = (judge: (match: Match) => CallClass | ClassedCall) => ({ readsBody: true, judge });

/** A query or search in the address: a read unless one of its clauses leaves a trace. */
const queryInAddress = byHead(({ call }) => {
  const parameters = parametersOf(call.query);
  const isTraced = ["updatetracking", "updateviewstat"].some((name) =>
    isTrue(parameters.get(name)),
  );
  return isTraced || changesData(parameters.get("q") ?? "") ? "write" : "read";
});
const isTrue = (value: unknown) => value !== undefined && !/^\s*false\s*$/i.test(String(value));

/** Text to look for, with options; the body is JSON. */
const searchInBody = byBody(({ call }) => {
  const body = jsonOf(call);
  if (!isRecord(body)) return "unknown";
  const isTraced = Object.entries(body).some(
    ([name, value]) => /^update(?:Tracking|ViewStat)$/i.test(name) && isTrue(value),
  );
  return isTraced ? "write" : "read";
});

/** A bulk query only reads, but the query in its body may not. */
const bulkQuery = byBody(({ call }) => {
  const body = jsonOf(call);
  if (!isRecord(body) || typeof body.query !== "string") return "unknown";
  if (!/^query(?:All)?$/i.test(String(body.operation))) return "unknown";
  return changesData(body.query) ? "write" : "read";
});

const recordWrite = byHead(classOfRecordWrite);
const typedRecords = byBody(classOfTypedRecords);

/** Reads by POST that carry what to look for in their body. */
const readByPost = byHead(({ call }) => (isJson(call) ? "read" : "unknown"));
const isJson = (call: ProxiedCall) => /^application\/json\s*(?:;|$)/i.test(call.contentType ?? "");

const reads = (operation: string, ...templates: string[]): Rule[] =>
  templates.map((template) => ["GET", `${data}${template}`, operation, "read"]);

/**
 * The table. Everything here is documented by the provider; what is not here is unknown.
 *
 * @param classify - judges the parts of a batch
 */
export function salesforceRules(classify: (call: ProxiedCall) => ClassedCall): readonly Rule[] {
  const composite = byBody(({ call }) => classOfComposite(call, classify));
  const batch = byBody(({ call }) => classOfBatch(call, classify));
  const graphs = byBody(({ call }) => classOfGraphs(call, classify));
  return [
    // Identity, sessions, single sign-on.
    ["GET", "/id/{org}/{user}", "identity", "read"],
    ["GET", "/id/keys", "identity.keys", "read"],
    ["GET", "/.well-known/openid-configuration", "identity.discovery", "read"],
    ["GET", "/services/oauth2/userinfo", "identity.userinfo", "read"],
    [any, "/services/oauth2/**", "oauth", "credentials"],
    [any, "/services/auth/**", "single_sign_on", "credentials"],
    [any, "/services/authcallback/**", "single_sign_on", "credentials"],
    [any, "/services/saml/**", "single_sign_on", "credentials"],
    [any, "/services/singleaccess/**", "session.exchange", "credentials"],
    [any, "/secur/**", "session.front_door", "credentials"],
    [any, "/login/**", "session.login", "credentials"],

    // SOAP: what is asked for stands in the body.
    [
      "POST",
      "/services/Soap/{api}/{soapVersion}",
      "soap",
      byBody(({ call, places }) => classOfSoap(call, places.api ?? "")),
    ],
    [
      "POST",
      "/services/Soap/{api}/{soapVersion}/{org}",
      "soap",
      byBody(({ call, places }) => classOfSoap(call, places.api ?? "")),
    ],
    [any, "/services/Soap/class/**", "soap.apex", "code"],

    // Code of the org's own, whatever the verb.
    [any, "/services/apexrest/**", "apex_rest", "code"],
    [any, `${data}/tooling/executeAnonymous/**`, "tooling.execute_anonymous", "code"],
    [any, `${data}/tooling/runTestsSynchronous/**`, "tooling.run_tests", "code"],
    [any, `${data}/tooling/runTestsAsynchronous/**`, "tooling.run_tests", "code"],
    [any, `${data}/tooling/runTests/**`, "tooling.run_tests", "code"],

    // What there is.
    ["GET", "/services/data", "versions", "read"],
    ...reads("resources", "", "/composite", "/tooling", "/jobs", "/process"),
    ...reads("limits", "/limits", "/limits/recordCount"),
    ...reads("user_interface", "/theme", "/tabs", "/appMenu", "/appMenu/{name}"),
    ...reads("user_interface", "/compactLayouts", "/searchlayout", "/recent", "/recentlyViewed"),
    ...reads("event_schema", "/event/eventSchema/{id}"),
    ...reads("support", "/support/**"),
    ...reads("knowledge.settings", "/knowledgeManagement/settings"),
    [writing, `${data}/knowledgeManagement/**`, "knowledge.write", "write"],

    // Queries and searches.
    ["GET", `${data}/query`, "query", queryInAddress],
    ["GET", `${data}/query/{locator}`, "query.more", "read"],
    ["GET", `${data}/queryAll`, "query_all", queryInAddress],
    ["GET", `${data}/queryAll/{locator}`, "query_all.more", "read"],
    ["GET", `${data}/search`, "search", queryInAddress],
    ...reads("search.describe", "/search/layout", "/search/scopeOrder"),
    ...reads("search.suggest", "/search/suggestions", "/search/suggestTitleMatches"),
    ...reads("search.suggest", "/search/suggestSearchQueries"),
    ["GET", `${data}/parameterizedSearch`, "search.parameterized", queryInAddress],
    ["POST", `${data}/parameterizedSearch`, "search.parameterized", searchInBody],

    // Records.
    ...reads("sobjects.describe", "/sobjects", "/sobjects/{object}", "/sobjects/relevantItems"),
    ...reads(
      "sobjects.describe",
      "/sobjects/{object}/describe/**",
      "/sobjects/{object}/eventSchema",
    ),
    ...reads("sobjects.changes", "/sobjects/{object}/deleted", "/sobjects/{object}/updated"),
    ...reads("sobjects.list_views", "/sobjects/{object}/listviews/**"),
    ...reads("sobjects.default_values", "/sobjects/{object}/defaultValues"),
    ...reads("sobjects.suggested_articles", "/sobjects/{object}/suggestedArticles"),
    ...reads("sobjects.retrieve", "/sobjects/{object}/{id}", "/sobjects/{object}/{id}/{field}"),
    ...reads("sobjects.retrieve", "/sobjects/{object}/{id}/{field}/{part}"),
    ...reads(
      "sobjects.rich_text_image",
      "/sobjects/{object}/{id}/richTextImageFields/{field}/{part}",
    ),
    ["POST", `${data}/sobjects/{object}`, "sobjects.create", recordWrite],
    ["PATCH", `${data}/sobjects/{object}/{id}`, "sobjects.update", recordWrite],
    ["DELETE", `${data}/sobjects/{object}/{id}`, "sobjects.delete", recordWrite],
    ["PATCH", `${data}/sobjects/{object}/{id}/{field}`, "sobjects.upsert", recordWrite],
    ["DELETE", `${data}/sobjects/{object}/{id}/{field}`, "sobjects.delete", recordWrite],
    ["POST", `${data}/sobjects/StreamingChannel/{id}/push`, "streaming.push", "code"],
    // By GET it says only whether the password has expired.
    ["GET", `${data}/sobjects/{object}/{id}/password`, "users.password_state", "read"],
    [`${writing} *`, `${data}/sobjects/{object}/{id}/password/**`, "users.password", "credentials"],
    [
      `${writing} *`,
      `${data}/sobjects/{object}/{id}/{field}/password/**`,
      "users.password",
      "credentials",
    ],

    // Actions that an admin built, or that send, post or start something.
    ...reads("quick_actions.describe", "/quickActions", "/quickActions/{name}"),
    ...reads("quick_actions.describe", "/quickActions/{name}/describe"),
    ...reads("quick_actions.describe", "/quickActions/{name}/defaultValues/**"),
    ...reads("quick_actions.describe", "/sobjects/{object}/quickActions"),
    ...reads("quick_actions.describe", "/sobjects/{object}/quickActions/{name}"),
    ...reads("quick_actions.describe", "/sobjects/{object}/quickActions/{name}/describe"),
    ...reads("quick_actions.describe", "/sobjects/{object}/quickActions/{name}/defaultValues/**"),
    [writing, `${data}/quickActions/**`, "quick_actions.run", "code"],
    [writing, `${data}/sobjects/{object}/quickActions/**`, "quick_actions.run", "code"],
    ...reads("actions.describe", "/actions", "/actions/standard", "/actions/standard/{name}"),
    ...reads("actions.describe", "/actions/custom", "/actions/custom/{kind}"),
    ...reads("actions.describe", "/actions/custom/{kind}/{name}"),
    [writing, `${data}/actions/**`, "actions.run", "code"],
    ...reads("process.list", "/process/approvals", "/process/rules", "/process/rules/{object}"),
    ...reads("process.list", "/process/rules/{object}/{id}"),
    [writing, `${data}/process/**`, "process.run", "code"],
    [any, `${data}/flow/**`, "flow.run", "code"],
    [any, `${data}/connect/interaction/**`, "flow.run", "code"],

    // Batches count as their worst part.
    ["POST", `${data}/composite`, "composite", composite],
    ["POST", `${data}/composite/batch`, "composite.batch", batch],
    ["POST", `${data}/composite/graph`, "composite.graph", graphs],
    ["GET", `${data}/composite/sobjects/{object}`, "sobjects.retrieve", "read"],
    ["POST", `${data}/composite/sobjects/{object}`, "sobjects.retrieve", readByPost],
    ["POST", `${data}/composite/sobjects`, "sobjects.create", typedRecords],
    ["PATCH", `${data}/composite/sobjects`, "sobjects.update", typedRecords],
    ["DELETE", `${data}/composite/sobjects`, "sobjects.delete", byHead(classOfDeleteByIds)],
    ["PATCH", `${data}/composite/sobjects/{object}/{field}`, "sobjects.upsert", typedRecords],
    ["POST", `${data}/composite/tree/{object}`, "sobjects.tree", typedRecords],

    // Bulk API 2.0.
    ["POST", `${data}/jobs/query`, "bulk.query", bulkQuery],
    ...reads("bulk.query", "/jobs/query", "/jobs/query/{id}", "/jobs/query/{id}/results"),
    ...reads("bulk.query", "/jobs/query/{id}/resultPages"),
    ["PATCH DELETE", `${data}/jobs/query/{id}`, "bulk.query.end", "write"],
    ["POST", `${data}/jobs/ingest`, "bulk.ingest", byBody(classOfIngest)],
    ...reads("bulk.ingest.results", "/jobs/ingest", "/jobs/ingest/{id}"),
    ...reads("bulk.ingest.results", "/jobs/ingest/{id}/successfulResults"),
    ...reads("bulk.ingest.results", "/jobs/ingest/{id}/failedResults"),
    ...reads("bulk.ingest.results", "/jobs/ingest/{id}/unprocessedrecords"),
    ["PUT", `${data}/jobs/ingest/{id}/batches`, "bulk.ingest", "write"],
    ["PATCH DELETE", `${data}/jobs/ingest/{id}`, "bulk.ingest", "write"],

    // GraphQL reads and writes by the same verb.
    ["POST", `${data}/graphql`, "graphql", byBody(({ call }) => classOfGraphql(call))],

    // Tooling and Metadata: what is written there is what the org runs.
    ["GET", `${data}/tooling/query`, "tooling.query", queryInAddress],
    ["GET", `${data}/tooling/query/{locator}`, "tooling.query", "read"],
    ["GET", `${data}/tooling/queryAll`, "tooling.query", queryInAddress],
    ["GET", `${data}/tooling/search`, "tooling.search", queryInAddress],
    ...reads("tooling.completions", "/tooling/completions"),
    ...reads("tooling.read", "/tooling/sobjects", "/tooling/sobjects/{object}"),
    ...reads("tooling.read", "/tooling/sobjects/{object}/describe/**"),
    ...reads("tooling.read", "/tooling/sobjects/{object}/{id}"),
    ...reads("tooling.read", "/tooling/sobjects/{object}/{id}/{field}"),
    [writing, `${data}/tooling/sobjects/{object}/**`, "tooling.write", byHead(classOfToolingWrite)],
    ["POST", `${data}/tooling/composite`, "tooling.composite", composite],
    ["POST", `${data}/tooling/composite/batch`, "tooling.composite", batch],
    ["GET", `${data}/metadata/deployRequest/{id}`, "metadata.deploy_state", "read"],
    [writing, `${data}/metadata/**`, "metadata.deploy", "code"],

    // UI API.
    ...reads("ui_api.read", ...uiReads),
    ["POST", `${data}/ui-api/related-list-records/{id}/{name}`, "ui_api.read", readByPost],
    ["POST", `${data}/ui-api/related-list-records/batch/{id}`, "ui_api.read", readByPost],
    ["POST", `${data}/ui-api/list-records/{object}/{name}`, "ui_api.read", readByPost],
    ["POST", `${data}/ui-api/predupe`, "ui_api.read", readByPost],
    ["POST", `${data}/ui-api/records`, "ui_api.write", byBody(classOfUiCreate)],
    ["PATCH DELETE", `${data}/ui-api/records/{id}`, "ui_api.write", byHead(classOfUiWrite)],
    [writing, `${data}/ui-api/favorites/**`, "ui_api.preferences", "write"],
    [writing, `${data}/ui-api/list-preferences/**`, "ui_api.preferences", "write"],
    [writing, `${data}/ui-api/related-list-preferences/**`, "ui_api.preferences", "write"],
    [writing, `${data}/ui-api/list-info/**`, "ui_api.list_views", "write"],
    [writing, `${data}/ui-api/related-list-info/**`, "ui_api.list_views", "write"],
    [writing, `${data}/ui-api/actions/**`, "ui_api.quick_action", "code"],
    [any, `${data}/ui-api/session/**`, "ui_api.session", "credentials"],

    // Connect REST API and Chatter.
    ...connectFamilies.flatMap((family): Rule[] => [
      ["GET", `${data}${family}/**`, "connect.read", "read"],
      [writing, `${data}${family}/**`, "connect.write", "write"],
    ]),
    ...reads("connect.read", "/chatter", "/connect", "/connect/organization", "/connect/features"),
    ...reads("connect.read", "/connect/communities/**"),
    [any, `${data}/connect/named-credentials/**`, "named_credentials", "credentials"],
    [any, `${data}/connect/external-credentials/**`, "named_credentials", "credentials"],
    [any, `${data}/apps/oauth/**`, "connected_apps", "credentials"],

    // Reports and dashboards.
    ...reads("analytics.read", ...analyticsReads),
    ["POST", `${data}/analytics/reports/query`, "analytics.run", readByPost],
    ["POST", `${data}/analytics/reports/{id}`, "analytics.run", readByPost],
    ["POST", `${data}/analytics/reports/{id}/instances`, "analytics.run_async", "write"],
    ["DELETE", `${data}/analytics/reports/{id}/instances/{part}`, "analytics.run_async", "write"],
    ["POST", `${data}/analytics/reports`, "analytics.write", "write"],
    ["PATCH DELETE", `${data}/analytics/reports/{id}`, "analytics.write", "write"],
    ["POST", `${data}/analytics/dashboards`, "analytics.write", "write"],
    ["PUT PATCH DELETE", `${data}/analytics/dashboards/{id}`, "analytics.write", "write"],
    [writing, `${data}/analytics/notifications/**`, "analytics.write", "write"],
    [writing, `${data}/folders/**`, "analytics.write", "write"],
    ["POST", `${data}/wave/query`, "wave.query", readByPost],
    ...reads("wave.read", ...waveReads),

    // Consent.
    ...reads("consent.read", "/consent/action/{name}", "/consent/multiaction"),
    ["PATCH", `${data}/consent/**`, "consent.write", "write"],
  ];
}

const uiReads = [
  "/ui-api/record-ui/{ids}",
  "/ui-api/records/{id}",
  "/ui-api/records/batch/{ids}",
  "/ui-api/object-info/**",
  "/ui-api/layout/{object}",
  "/ui-api/record-defaults/**",
  "/ui-api/list-ui/**",
  "/ui-api/list-info/**",
  "/ui-api/list-object-info/**",
  "/ui-api/list-records/**",
  "/ui-api/list-preferences/**",
  "/ui-api/mru-list-info/**",
  "/ui-api/mru-list-records/**",
  "/ui-api/mru-list-ui/**",
  "/ui-api/related-list-info/**",
  "/ui-api/related-list-records/**",
  "/ui-api/related-list-count/**",
  "/ui-api/related-list-preferences/**",
  "/ui-api/lookups/**",
  "/ui-api/duplicates/**",
  "/ui-api/actions/**",
  "/ui-api/apps/**",
  "/ui-api/nav-items/**",
  "/ui-api/themes/**",
  "/ui-api/favorites/**",
];

/** Families of Connect REST whose GETs only read and whose other verbs write what people see. */
const connectFamilies = [
  "/chatter/announcements",
  "/chatter/comments",
  "/chatter/feed-elements",
  "/chatter/feed-items",
  "/chatter/feeds",
  "/chatter/files",
  "/chatter/group-memberships",
  "/chatter/groups",
  "/chatter/likes",
  "/chatter/topics",
  "/chatter/users",
  "/connect/files",
  "/connect/managed-topics",
  "/connect/records",
  "/connect/topics",
];

const analyticsReads = [
  "/analytics",
  "/analytics/reports",
  "/analytics/reports/{id}",
  "/analytics/reports/{id}/describe",
  "/analytics/reports/{id}/fields",
  "/analytics/reports/{id}/instances",
  "/analytics/reports/{id}/instances/{part}",
  "/analytics/report-types",
  "/analytics/report-types/{name}",
  "/analytics/dashboards",
  "/analytics/dashboards/{id}",
  "/analytics/dashboards/{id}/describe",
  "/analytics/dashboards/{id}/status",
  "/analytics/notifications/**",
  "/folders/**",
];

const waveReads = [
  "/wave",
  "/wave/datasets/**",
  "/wave/dashboards/**",
  "/wave/lenses/**",
  "/wave/folders/**",
  "/wave/dataflows/**",
  "/wave/recipes/**",
  "/wave/templates/**",
  "/wave/limits",
];

/** Written through Tooling, nothing is plain data: classes, triggers, flows, layouts, settings. */
function classOfToolingWrite(match: Match): CallClass {
  return classOfRecordWrite(match) === "credentials" ? "credentials" : "code";
}

function classOfUiCreate({ call }: Match): CallClass {
  const body = jsonOf(call);
  if (!isRecord(body) || typeof body.apiName !== "string" || !objectName.test(body.apiName)) {
    return "unknown";
  }
  return classOfRecordWrite({ call, places: { object: body.apiName } });
}

/** Here the address holds an id alone. */
const classOfUiWrite = ({ places }: Match): CallClass => classOfAddressedIds([places.id ?? ""]);

const classOfDeleteByIds = ({ call }: Match): CallClass =>
  classOfAddressedIds(
    (parametersOf(call.query).get("ids") ?? "").split(",").map((id) => id.trim()),
  );
