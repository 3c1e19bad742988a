import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { restError } from "./core.ts";
import type { Asset } from "./data-types.ts";
import {
  listOf,
  notFound,
  numberOf,
  pageOf,
  type RestCall,
  RestProblem,
  type RestRoute,
  route,
  slice,
  unitOf,
} from "./rest-route.ts";
import { seededUntilMs } from "./seed-columns.ts";

const seeded = new Date(seededUntilMs).toISOString().slice(0, 19);

const statusOfAsset = { id: 1, name: "Draft" };
function toAsset(call: RestCall, one: Asset, isFull: boolean) {
  const { tenant } = call.caller;
  const who = { id: one.mid, email: "", name: tenant.company, userId: String(one.mid) };
  const folder = unitOf(call)
    .folders.all()
    .find(({ id }) => id === one.categoryId);
  const isEmail = one.views !== null;
  return {
    id: one.id,
    customerKey: one.key,
    objectID: `00000000-0000-4000-8000-${String(one.id).padStart(12, "0")}`,
    assetType: { ...one.type, displayName: one.type.name },
    name: one.name,
    description: "",
    createdDate: `${seeded}-06:00`,
    createdBy: who,
    modifiedDate: `${seeded}-06:00`,
    modifiedBy: who,
    owner: who,
    enterpriseId: tenant.businessUnits[0]?.mid,
    memberId: one.mid,
    status: statusOfAsset,
    category: { id: one.categoryId, name: folder?.name, parentId: folder?.parentId },
    ...(isFull && isEmail ? { views: one.views } : {}),
    ...(isFull && !isEmail ? { content: one.content } : {}),
    availableViews: isEmail ? ["html", "subjectline"] : [],
    modelVersion: 2,
  };
}

const assets = (call: RestCall) =>
  listOf(
    call,
    unitOf(call)
      .assets.all()
      .map((one) => toAsset(call, one, true)),
  );

type AssetQuery = {
  page?: { page?: unknown; pageSize?: unknown };
  query?: { property?: unknown; simpleOperator?: unknown; value?: unknown };
};

/** The simple form of the query: one property, `equal`, `in` or `like`. */
function queryAssets(call: RestCall): SimulatorResponse {
  const body = readJson(call.request.body) as AssetQuery | null;
  const values = [body?.query?.value].flat().map(String);
  const { page = 1, pageSize = 50 } = body?.page ?? {};
  if (!Number.isInteger(page) || !Number.isInteger(pageSize)) {
    throw new RestProblem(restError(400, 10001, "page and pageSize must be numbers."));
  }
  const wanted = { ...pageOf(call), page: Number(page), pageSize: Number(pageSize) };
  const isShared = call.query.get("scope")?.toLowerCase() === "shared";
  const found = unitOf(call)
    .assets.all()
    .filter((one) => {
      if (isShared) return false;
      if (!body?.query) return true;
      if (body.query.property === "assetType.id") return values.includes(String(one.type.id));
      if (body.query.property === "name") return values.some((value) => one.name.includes(value));
      return false;
    });
  const items = slice(found, wanted).map((one) => toAsset(call, one, true));
  return json(200, { count: found.length, ...wanted, links: {}, items });
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new RestProblem(restError(400, 10004, "The body is not JSON."));
  }
}

function asset(call: RestCall): SimulatorResponse {
  const found = unitOf(call)
    .assets.all()
    .find(({ id }) => String(id) === call.parameters.id);
  if (!found) throw notFound();
  return json(200, toAsset(call, found, true));
}

const categories = (call: RestCall) => {
  const { tenant, token } = call.caller;
  const folders = unitOf(call)
    .folders.all()
    .filter(({ contentType }) => contentType === "asset");
  return listOf(
    call,
    folders.map(({ id, name, parentId }) => ({
      id,
      name,
      parentId,
      categoryType: "asset",
      memberId: token.mid,
      enterpriseId: tenant.businessUnits[0]?.mid,
      description: "",
    })),
  );
};

const emptyDefinitions = (call: RestCall) =>
  json(200, {
    requestId: call.core.context.random.uuid(),
    definitions: [],
    count: 0,
    ...pageOf(call),
  });

/** The old families count pages from 0 and call their items entries; nothing is seeded there. */
const emptyLegacy = (call: RestCall) =>
  json(200, {
    entry: [],
    itemsPerPage: numberOf(call, "$top", 50, 50),
    startIndex: 0,
    totalResults: 0,
  });

/** Journeys, automations and content (contract 8 to 11), as far as clients list and read them. */
export const contentRoutes: readonly RestRoute[] = [
  route(
    "GET",
    "/automation/v1/(scripts|dataextracts|filetransfers|imports|ftplocations)",
    "automations_read",
    (call) => listOf(call, []),
  ),
  route("GET", "/asset/v1/content/assets", "documents_and_images_read", assets),
  route("POST", "/asset/v1/content/assets/query", "documents_and_images_read", queryAssets),
  route("GET", "/asset/v1/content/assets/:id", "documents_and_images_read", asset),
  route("GET", "/asset/v1/content/categories", "documents_and_images_read", categories),
  route("GET", "/legacy/v1/beta/mobile/imports", "automations_read", emptyLegacy),
  route("GET", "/legacy/v1/beta/messaging/deliverypolicy", "journeys_read", emptyLegacy),
  route("GET", "/legacy/v1/beta/mobile/(message|code|keyword)", "journeys_read", emptyLegacy),
  route("GET", "/messaging/v1/email/definitions", "email_read", emptyDefinitions),
];
