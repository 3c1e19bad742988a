export type Skipped = { accountId: number; why: "not_found" | "inactive" };

/**
 * Units to sign in to, one after another, as this tab remembers them: numbers and a flow's id, no
 * secret. How each stands is the server's word; this only knows what was asked and what is left.
 */
export type Chain = {
  asked: number[];
  left: number[];
  /** Asked for, but the tenant has them no more. */
  skipped: Skipped[];
  /** The flow that this tab went away with, until it comes back. */
  flowId: string | null;
};

const LONGEST = 200;

export const newChain = (asked: readonly number[], skipped: readonly Skipped[] = []): Chain => ({
  asked: [...asked],
  left: [...asked],
  skipped: [...skipped],
  flowId: null,
});

/** Reads what was stored; anything else is no chain. */
export function parseChain(text: string | null): Chain | null {
  try {
    const { asked, left, skipped = [], flowId } = JSON.parse(text ?? "null") ?? {};
    if (!isMidList(asked) || !isMidList(left) || !isSkippedList(skipped)) return null;
    if (flowId !== null && typeof flowId !== "string") return null;
    return { asked, left: left.filter((mid) => asked.includes(mid)), skipped, flowId };
  } catch {
    return null;
  }
}

const isMidList = (value: unknown): value is number[] =>
  Array.isArray(value) &&
  value.length <= LONGEST &&
  value.every((mid) => Number.isSafeInteger(mid) && mid > 0);

const isSkippedList = (value: unknown): value is Skipped[] =>
  Array.isArray(value) &&
  isMidList(value.map((one) => one?.accountId)) &&
  value.every(({ why }) => why === "not_found" || why === "inactive");

/**
 * What the chain is after a page load.
 *
 * @param returned - id of the flow that the address says has ended; believed only where it is the one
 *   this tab went away with, so that no address alone sets anything going
 * @param isConnected - whether the server says so of a unit
 */
export function afterLoad(
  chain: Chain,
  returned: string | null,
  isConnected: (mid: number) => boolean,
): { chain: Chain; mayCarryOn: boolean } {
  const didReturn = returned !== null && returned === chain.flowId;
  const [current, ...rest] = chain.left;
  const left = (didReturn && current !== undefined ? rest : chain.left).filter(
    (mid) => !isConnected(mid),
  );
  return { chain: { ...chain, left, flowId: null }, mayCarryOn: didReturn && left.length > 0 };
}

const keyOf = (connectionId: string) => `studio.units.${connectionId}`;

export function loadChain(connectionId: string): Chain | null {
  return parseChain(sessionStorage.getItem(keyOf(connectionId)));
}

export function saveChain(connectionId: string, chain: Chain | null): void {
  if (chain === null) sessionStorage.removeItem(keyOf(connectionId));
  else sessionStorage.setItem(keyOf(connectionId), JSON.stringify(chain));
}
