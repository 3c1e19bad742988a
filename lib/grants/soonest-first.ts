/** Numbers 0, 1, 2 … ordered by a time each; the soonest first, each found again in logarithmic steps. */
export type SoonestFirst = {
  add(item: number): void;
  remove(item: number): void;
  /** -1 when there is none. */
  soonest(): number;
  /** Makes room for items up to this number. */
  grow(items: number): void;
};

/** A binary heap. @param timeOf - does not change while the item is in it */
export function createSoonestFirst(timeOf: (item: number) => number): SoonestFirst {
  let order = new Uint32Array(0);
  /** Where in `order` an item stands. */
  let placeOf = new Uint32Array(0);
  let length = 0;
  const itemAt = (place: number) => order[place] ?? 0;
  const timeAt = (place: number) => timeOf(itemAt(place));
  const set = (place: number, item: number) => {
    order[place] = item;
    placeOf[item] = place;
  };
  const up = (from: number) => {
    let place = from;
    const item = itemAt(place);
    const time = timeOf(item);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (timeAt(parent) <= time) break;
      set(place, itemAt(parent));
      place = parent;
    }
    set(place, item);
  };
  const down = (from: number) => {
    let place = from;
    const item = itemAt(place);
    const time = timeOf(item);
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && timeAt(child + 1) < timeAt(child)) child += 1;
      if (timeAt(child) >= time) break;
      set(place, itemAt(child));
      place = child;
    }
    set(place, item);
  };
  return {
    add(item) {
      set(length, item);
      length += 1;
      up(length - 1);
    },
    remove(item) {
      const place = placeOf[item] ?? 0;
      length -= 1;
      if (place === length) return;
      set(place, itemAt(length));
      up(place);
      down(place);
    },
    soonest: () => (length === 0 ? -1 : itemAt(0)),
    grow(items) {
      const [wasOrder, wasPlaceOf] = [order, placeOf];
      order = new Uint32Array(items);
      placeOf = new Uint32Array(items);
      order.set(wasOrder);
      placeOf.set(wasPlaceOf);
    },
  };
}
