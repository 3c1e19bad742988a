// @peculiar/x509 reaches its dependency container (tsyringe) through these three functions of the
// "reflect-metadata" polyfill and nothing else; without them its import throws.
const store = new WeakMap<object, Map<unknown, unknown>>();

const own = (key: unknown, target: object): unknown => store.get(target)?.get(key);

function inherited(key: unknown, target: object): unknown {
  for (let at: object | null = target; at; at = Object.getPrototypeOf(at) as object | null) {
    if (store.get(at)?.has(key)) return own(key, at);
  }
  return undefined;
}

if (!("getMetadata" in Reflect)) {
  Object.assign(Reflect, {
    getMetadata: inherited,
    getOwnMetadata: own,
    defineMetadata: (key: unknown, value: unknown, target: object) => {
      store.set(target, (store.get(target) ?? new Map<unknown, unknown>()).set(key, value));
    },
  });
}
