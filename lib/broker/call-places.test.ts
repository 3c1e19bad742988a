import { expect, test } from "vitest";
import { createCallPlaces } from "#lib/broker/call-places.ts";

const refused = expect.objectContaining({ code: "broker.rate_limited" });

test("[BRK-10] a key has so many calls under way and no more; another key has its own", () => {
  const places = createCallPlaces({ key: 2, owner: 10 });
  const [a, b] = [
    { keyId: "a", ownerId: "one" },
    { keyId: "b", ownerId: "one" },
  ];
  const [first] = [places.take(a), places.take(a)];
  expect(() => places.take(a)).toThrow(refused);
  places.take(b);
  first?.();
  first?.();
  places.take(a);
  expect(() => places.take(a)).toThrow(refused);
});

test("[BRK-10] a person has so many with all their keys; another person has their own", () => {
  const places = createCallPlaces({ key: 10, owner: 2 });
  const giveBack = places.take({ keyId: "a", ownerId: "one" });
  places.take({ keyId: "b", ownerId: "one" });
  expect(() => places.take({ keyId: "c", ownerId: "one" })).toThrow(refused);
  places.take({ keyId: "d", ownerId: "other" });
  giveBack();
  places.take({ keyId: "c", ownerId: "one" });
});
