import { json } from "#lib/simulator/kit/responses.ts";
import type { Journey, Loose } from "./data-types.ts";
import { isoMs, journeysOf } from "./rest-journeys.ts";
import { listOf, notFound, type RestCall, type RestRoute, route, unitOf } from "./rest-route.ts";

/** Which data extension an audience comes from: one of those that can be sent to, always the same. */
function sourceOf(call: RestCall, eventId: string) {
  const sendable = [...unitOf(call).dataExtensions.values()].filter((one) => one.isSendable);
  const found = sendable[Number.parseInt(eventId.slice(0, 6), 16) % sendable.length];
  return found ? { dataExtensionId: found.id, dataExtensionName: found.name } : {};
}

function toEventDefinition(call: RestCall, journey: Journey, trigger: Loose) {
  const meta = (trigger.metaData ?? {}) as Loose;
  const id = String(meta.eventDefinitionId ?? "");
  const isAudience = /audience/i.test(String(trigger.type));
  return {
    id,
    type: trigger.type,
    name: trigger.name,
    description: "",
    createdDate: isoMs(journey.createdAtMs),
    modifiedDate: isoMs(journey.modifiedAtMs),
    mode: "Production",
    eventDefinitionKey: String(meta.eventDefinitionKey ?? ""),
    ...(isAudience ? sourceOf(call, id) : {}),
    interactionCount: 1,
    publishedInteractionCount: journey.status === "Published" ? 1 : 0,
    category: isAudience ? "Audience" : "Event",
  };
}

const definitionsOf = (call: RestCall) =>
  journeysOf(call).flatMap((one) =>
    one.triggers.map((trigger) => toEventDefinition(call, one, trigger)),
  );

const definitions = "/interaction/v1/eventDefinitions";

/** The entry sources of all journeys. */
export const eventDefinitionRoutes: readonly RestRoute[] = [
  route("GET", definitions, "journeys_read", (call) => listOf(call, definitionsOf(call))),
  route("GET", `${definitions}/:id`, "journeys_read", (call) => {
    const wanted = (call.parameters.id ?? "").toLowerCase();
    const found = definitionsOf(call).find(
      (one) => one.id === wanted || `key:${one.eventDefinitionKey}`.toLowerCase() === wanted,
    );
    if (!found) throw notFound();
    return json(200, found);
  }),
];
