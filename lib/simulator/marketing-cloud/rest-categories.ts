import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import type { Folder } from "./data-types.ts";
import { bodyOf, optionalNumber, optionalText, refuse, requiredText } from "./rest-body.ts";
import { listOf, notFound, type RestCall, type RestRoute, route, unitOf } from "./rest-route.ts";
import { slug } from "./unit-seed.ts";
import { enterpriseId, parentOf } from "./world.ts";

const toCategory = (call: RestCall, one: Folder) => ({
  id: one.id,
  name: one.name,
  parentId: one.parentId,
  categoryType: one.contentType,
  memberId: one.mid,
  enterpriseId: enterpriseId(call.caller.tenant),
  description: "",
});

/** Folders of the unit, or with `scope=Shared` those that the parent shares. */
function foldersInScope(call: RestCall): Folder[] {
  const { tenant } = call.caller;
  const scopes = (call.query.get("scope") ?? "ours").toLowerCase().split(",");
  const own = unitOf(call).folders.all();
  const shared = call.core.data.unit(tenant, parentOf(tenant).mid).folders.all();
  return [
    ...(scopes.includes("ours") ? own.filter(({ contentType }) => contentType === "asset") : []),
    ...(scopes.includes("shared")
      ? shared.filter(({ contentType }) => contentType === "asset-shared")
      : []),
  ];
}

function create(call: RestCall): SimulatorResponse {
  const body = bodyOf(call);
  const { folders } = unitOf(call);
  const name = requiredText(body, "Name", 100);
  const parentId = optionalNumber(body, "ParentId");
  if (parentId === undefined) throw refuse(400, 10002, "ParentId is required.");
  const parent = folders.get(String(parentId));
  if (!parent?.contentType.startsWith("asset")) {
    throw refuse(400, 10005, "ParentId is not a folder of content.");
  }
  const isTaken = folders
    .all()
    .some((one) => one.parentId === parent.id && one.name.toLowerCase() === name.toLowerCase());
  if (isTaken) throw refuse(409, 30004, "A category with this name already exists in this folder.");
  const made: Folder = {
    id: Math.max(...folders.all().map(({ id }) => id)) + 1,
    mid: call.caller.token.mid,
    name,
    contentType: parent.contentType,
    parentId: parent.id,
    key: optionalText(body, "CustomerKey", 100) ?? slug(name),
  };
  folders.put(made);
  return json(201, toCategory(call, made));
}

const categories = "/asset/v1/content/categories";
const read = "documents_and_images_read";

/** Content Builder's folders (contract 10). */
export const categoryRoutes: readonly RestRoute[] = [
  route("GET", categories, read, (call) =>
    listOf(
      call,
      foldersInScope(call).map((one) => toCategory(call, one)),
    ),
  ),
  route("POST", categories, "documents_and_images_write", create),
  route("GET", `${categories}/:id`, read, (call) => {
    const found = unitOf(call).folders.get(call.parameters.id ?? "");
    if (!found?.contentType.startsWith("asset")) throw notFound();
    return json(200, toCategory(call, found));
  }),
];
