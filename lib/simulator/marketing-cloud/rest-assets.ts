import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { toAssetOrder, toAssetPredicate } from "./asset-query.ts";
import { restError } from "./core.ts";
import type { Asset, Loose } from "./data-types.ts";
import {
  type Body,
  bodyOf,
  optionalBodyOf,
  optionalNumber,
  optionalObject,
  optionalText,
  optionalTexts,
  refuse,
  requiredText,
  valueIn,
} from "./rest-body.ts";
import { compareValues } from "./rest-filter.ts";
import {
  filtered,
  notFound,
  ordered,
  type Page,
  pageOf,
  type RestCall,
  RestProblem,
  type RestRoute,
  readField,
  route,
  slice,
  unitOf,
} from "./rest-route.ts";
import { assetTypes } from "./seed-assets.ts";
import { folderId } from "./seed-folders.ts";
import { enterpriseId, parentOf } from "./world.ts";

/** Tenant time, UTC-6 all the year. */
const tenantDate = (epochMs: number) =>
  `${new Date(epochMs - 6 * 3600 * 1000).toISOString().slice(0, 19)}-06:00`;

const isIn = (call: RestCall, one: Asset, contentType: string, mid: number): boolean =>
  call.core.data.unit(call.caller.tenant, mid).folders.get(String(one.categoryId))?.contentType ===
  contentType;

/** Own content, or what the parent shares: `scope=Ours|Shared`. */
function assetsInScope(call: RestCall): Asset[] {
  const { tenant, token } = call.caller;
  const isShared = call.query.get("scope")?.toLowerCase() === "shared";
  const mid = isShared ? parentOf(tenant).mid : token.mid;
  const type = isShared ? "asset-shared" : "asset";
  return call.core.data
    .unit(tenant, mid)
    .assets.all()
    .filter((one) => isIn(call, one, type, mid));
}

function assetOf(call: RestCall, isToChange: boolean): Asset {
  const { tenant } = call.caller;
  const id = call.parameters.id ?? "";
  const own = unitOf(call).assets.get(id);
  if (own) return own;
  const top = parentOf(tenant).mid;
  const shared = call.core.data.unit(tenant, top).assets.get(id);
  if (!shared || isToChange || !isIn(call, shared, "asset-shared", top)) throw notFound();
  return shared;
}

function toAsset(call: RestCall, one: Asset) {
  const { tenant } = call.caller;
  const who = { id: one.mid, email: "", name: tenant.company, userId: String(one.mid) };
  const folder = call.core.data.unit(tenant, one.mid).folders.get(String(one.categoryId));
  return {
    id: one.id,
    customerKey: one.key,
    objectID: `00000000-0000-4000-8000-${String(one.id).padStart(12, "0")}`,
    assetType: { ...one.type, displayName: one.type.name },
    name: one.name,
    description: one.description,
    createdDate: tenantDate(one.createdAtMs),
    createdBy: who,
    modifiedDate: tenantDate(one.modifiedAtMs),
    modifiedBy: who,
    owner: who,
    enterpriseId: enterpriseId(tenant),
    memberId: one.mid,
    status: { id: 1, name: "Draft" },
    thumbnail: { thumbnailUrl: `/v1/assets/${one.id}/thumbnail` },
    category: { id: one.categoryId, name: folder?.name, parentId: folder?.parentId },
    ...(one.content === null ? {} : { content: one.content }),
    ...(one.views === null ? {} : { views: one.views }),
    availableViews: one.views === null ? [] : Object.keys(one.views),
    ...one.more,
    modelVersion: 2,
  };
}

/** Only the named fields, and always the id; `null` means all. */
function chosen(item: Loose, fields: readonly string[] | null): Loose {
  if (fields === null) return item;
  const wanted = new Set(["id", ...fields.map((name) => name.trim().toLowerCase())]);
  return Object.fromEntries(
    Object.entries(item).filter(([name]) => wanted.has(name.toLowerCase())),
  );
}

const page = (call: RestCall, all: readonly Asset[], given: Page, fields: string[] | null) =>
  json(200, {
    count: all.length,
    ...given,
    links: {},
    items: slice(all, given).map((one) => chosen(toAsset(call, one), fields)),
  });

/** What filters and orders see: an asset without the text that makes it large. */
const withKeys = (call: RestCall, all: readonly Asset[]) =>
  all.map((asset) => ({ asset, ...toAsset(call, asset) }));

function list(call: RestCall): SimulatorResponse {
  const kept = filtered(withKeys(call, assetsInScope(call)), call.query.get("$filter"));
  const found = ordered(kept, call.query.get("$orderby")).map(({ asset }) => asset);
  return page(call, found, pageOf(call), call.query.get("$fields")?.split(",") ?? null);
}

const maxPageSize = 500;
function query(call: RestCall): SimulatorResponse {
  const body = optionalBodyOf(call);
  const paging = optionalObject(body, "page") ?? {};
  const given = {
    page: optionalNumber(paging, "page") ?? 1,
    pageSize: optionalNumber(paging, "pageSize") ?? 50,
  };
  if (!Object.values(given).every((value) => Number.isInteger(value) && value > 0)) {
    throw refuse(400, 10001, "page and pageSize must be positive numbers.");
  }
  const asked = optionalObject(body, "query");
  const keep = asked ? toAssetPredicate(asked) : () => true;
  const orders = toAssetOrder(body);
  const found = withKeys(call, assetsInScope(call))
    .filter((one) => keep(readField(one)))
    .sort((a, b) => {
      for (const { property, sign } of orders) {
        const compared = compareValues(readField(a)(property) ?? "", readField(b)(property) ?? "");
        if (compared !== 0) return sign * compared;
      }
      return 0;
    })
    .map(({ asset }) => asset);
  const capped = { ...given, pageSize: Math.min(given.pageSize, maxPageSize) };
  return page(call, found, capped, optionalTexts(body, "fields") ?? null);
}

function typeOf(body: Body): Asset["type"] | undefined {
  const given = optionalObject(body, "assetType");
  if (!given) return undefined;
  const id = optionalNumber(given, "id");
  const name = optionalText(given, "name")?.toLowerCase();
  const found = Object.entries(assetTypes).find(([known, word]) =>
    id === undefined ? word === name : Number(known) === id,
  );
  if (!found) throw refuse(400, 10005, "assetType is not known.");
  if (name !== undefined && name !== found[1]) {
    throw refuse(400, 10005, "assetType.id and assetType.name do not belong together.");
  }
  return { id: Number(found[0]), name: found[1] };
}

function categoryOf(call: RestCall, body: Body): number | undefined {
  const given = optionalObject(body, "category");
  if (!given) return undefined;
  const id = optionalNumber(given, "id");
  const folder = id === undefined ? undefined : unitOf(call).folders.get(String(id));
  if (!folder?.contentType.startsWith("asset")) {
    throw refuse(400, 10005, "category.id is not a folder of content.");
  }
  return folder.id;
}

const kept = ["data", "meta", "fileProperties", "slots", "design", "channels", "tags"];
const moreOf = (body: Body): Loose =>
  Object.fromEntries(
    kept.flatMap((name) => {
      const value = valueIn(body, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

const maxContent = 2_000_000;
const contentOf = (body: Body) => ({
  content: optionalText(body, "content", maxContent),
  views: optionalObject(body, "views"),
});

/** Names are taken once in a folder for a type, keys once in a business unit. */
function refuseTaken(call: RestCall, one: Asset): void {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const others = unitOf(call)
    .assets.all()
    .filter(({ id }) => id !== one.id);
  const isNamed = others.some(
    (other) =>
      same(other.name, one.name) &&
      other.categoryId === one.categoryId &&
      other.type.id === one.type.id,
  );
  const isKeyed = others.some((other) => same(other.key, one.key));
  if (!isNamed && !isKeyed) return;
  const message = isKeyed
    ? "Customer Key must be unique."
    : "Asset names within a category and asset type must be unique. is already taken.";
  throw new RestProblem(
    restError(
      400,
      10006,
      "Validation errors.",
      {},
      {
        validationErrors: [{ message, errorcode: isKeyed ? 118_078 : 118_077, documentation: "" }],
      },
    ),
  );
}

function create(call: RestCall): SimulatorResponse {
  const body = bodyOf(call);
  const { clock, random } = call.core.context;
  const unit = unitOf(call);
  const type = typeOf(body);
  if (!type) throw refuse(400, 10002, "assetType is required.");
  const { content, views } = contentOf(body);
  const made: Asset = {
    id: Math.max(0, ...unit.assets.all().map(({ id }) => id)) + 1,
    mid: call.caller.token.mid,
    key: optionalText(body, "customerKey", 200) ?? random.uuid(),
    name: requiredText(body, "name", 200),
    description: optionalText(body, "description") ?? "",
    type,
    categoryId: categoryOf(call, body) ?? folderId(unit.folders.all(), "asset"),
    content: content ?? null,
    views: views ?? null,
    more: moreOf(body),
    createdAtMs: clock.nowMs(),
    modifiedAtMs: clock.nowMs(),
  };
  refuseTaken(call, made);
  unit.assets.put(made);
  return json(201, toAsset(call, made));
}

/** PATCH keeps what is not named, view by view; PUT wants the whole. */
const change =
  (isWhole: boolean) =>
  (call: RestCall): SimulatorResponse => {
    const one = assetOf(call, true);
    const body = bodyOf(call);
    const { content, views } = contentOf(body);
    const type = typeOf(body);
    if (isWhole && !type) throw refuse(400, 10002, "assetType is required.");
    const changed: Asset = {
      ...one,
      key: optionalText(body, "customerKey", 200) ?? one.key,
      name: isWhole
        ? requiredText(body, "name", 200)
        : (optionalText(body, "name", 200) ?? one.name),
      description: optionalText(body, "description") ?? (isWhole ? "" : one.description),
      type: type ?? one.type,
      categoryId: categoryOf(call, body) ?? one.categoryId,
      content: content ?? (isWhole ? null : one.content),
      views: isWhole ? (views ?? null) : views ? { ...one.views, ...views } : one.views,
      more: isWhole ? moreOf(body) : { ...one.more, ...moreOf(body) },
      modifiedAtMs: call.core.context.clock.nowMs(),
    };
    refuseTaken(call, changed);
    unitOf(call).assets.put(changed);
    return json(200, toAsset(call, changed));
  };

function remove(call: RestCall): SimulatorResponse {
  unitOf(call).assets.remove(String(assetOf(call, true).id));
  return json(200, "OK");
}

const assets = "/asset/v1/content/assets";
const read = "documents_and_images_read";
const write = "documents_and_images_write";

/** Content Builder's assets (contract 10). */
export const assetRoutes: readonly RestRoute[] = [
  route("GET", assets, read, list),
  route("POST", assets, "saved_content_write", create),
  route("POST", `${assets}/query`, read, query),
  route("GET", `${assets}/:id`, read, (call) => json(200, toAsset(call, assetOf(call, false)))),
  route("PATCH", `${assets}/:id`, write, change(false)),
  route("PUT", `${assets}/:id`, write, change(true)),
  route("DELETE", `${assets}/:id`, write, remove),
];
