import {
  type MapFocus,
  nameOfFocus,
  peopleOnMap,
  placesOnMap,
  threadsOnMap,
} from "#lib/connections/map-repository.ts";
import type { PeopleMap } from "#lib/connections/schema.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";

/** So many can be drawn and still be read. */
const PEOPLE_SHOWN = 40;
const PLACES_SHOWN = 40;

/**
 * Who in the team is connected to what: names, counts and whether a grant wants its owner, nothing of
 * the grants themselves (TEN-4). Those who ask come first, then trouble, then the busiest.
 *
 * @throws {NotFoundError} the focus is no person or group of this team
 */
export async function mapPeople(
  { db }: { db: Database },
  principal: Principal,
  focus: MapFocus,
): Promise<PeopleMap> {
  requireMay(principal, "connection.read");
  const kind = focus.group ? "group" : focus.personId === null ? null : "person";
  const name = kind && (await nameOfFocus(db, principal, focus));
  if (kind && name === null) throw new NotFoundError();
  const [people, places] = await Promise.all([
    peopleOnMap(db, principal, focus, PEOPLE_SHOWN),
    placesOnMap(db, principal, focus, PLACES_SHOWN),
  ]);
  const threads = await threadsOnMap(db, principal, focus, {
    personIds: people.map(({ id }) => id),
    placeIds: places.map(({ placeId }) => placeId),
  });
  return {
    focus: kind && name !== null ? { kind, name } : null,
    people: people.map(({ id, name, count }) => ({
      id,
      name,
      isMe: id === principal.userId,
      count,
    })),
    places: places.map(({ placeId, name, provider, environment, connections }) => ({
      id: placeId,
      name,
      provider,
      environment,
      connections,
    })),
    threads,
    hidden: {
      people: (people[0]?.total ?? 0) - people.length,
      places: (places[0]?.total ?? 0) - places.length,
    },
  };
}
