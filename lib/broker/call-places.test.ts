import { expect, test } from "vitest";
import { createCallPlaces } from "#lib/broker/call-places.ts";

test("[BRK-10] a key has so many calls under way and no more; another key has its own", () => {
  const places = createCallPlaces(2);
  const [first] = [places.take("a"), places.take("a")];
  expect(() => places.take("a")).toThrow(expect.objectContaining({ code: "broker.rate_limited" }));
  places.take("b");
  first?.();
  first?.();
  places.take("a");
  expect(() => places.take("a")).toThrow(expect.objectContaining({ code: "broker.rate_limited" }));
});
