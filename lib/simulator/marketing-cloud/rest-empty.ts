import { json } from "#lib/simulator/kit/responses.ts";
import { listOf, numberOf, type RestCall, type RestRoute, route } from "./rest-route.ts";

/** The old families count pages from 0 and call their items entries. */
const emptyLegacy = (call: RestCall) =>
  json(200, {
    entry: [],
    itemsPerPage: numberOf(call, "$top", 50, 50),
    startIndex: 0,
    totalResults: 0,
  });

/** Families that clients list although nothing is seeded there. */
export const emptyRoutes: readonly RestRoute[] = [
  route(
    "GET",
    "/automation/v1/(scripts|dataextracts|filetransfers|imports|ftplocations)",
    "automations_read",
    (call) => listOf(call, []),
  ),
  route("GET", "/legacy/v1/beta/mobile/imports", "automations_read", emptyLegacy),
  route("GET", "/legacy/v1/beta/messaging/deliverypolicy", "journeys_read", emptyLegacy),
  route("GET", "/legacy/v1/beta/mobile/(message|code|keyword)", "journeys_read", emptyLegacy),
];
