/** How a network of a key stands: its own, used and told of, or refused until its owner has looked. */
export type NetworkState = "known" | "told" | "held";
export type KeyNetwork = { network: string; state: NetworkState; firstSeenAt: Date };

/** From its first use on a key learns so long where it belongs: at a desk, at home, in a build. */
const LEARNING_MS = 24 * 60 * 60 * 1000;
/** More of them a day are a machine on the move: noted, and told no more until tomorrow. */
export const TOLD_A_DAY = 10;

/**
 * What a key's use from a network means (BRK-13), by where it was used before.
 *
 * @param seen - all of the key's networks
 * @param pauses - its owner's choice: stop it there, or tell
 * @returns the state that the network is then in
 */
export function judgeNetwork(
  network: string,
  seen: readonly KeyNetwork[],
  { now, pauses }: { now: Date; pauses: boolean },
): NetworkState {
  const before = seen.find((each) => each.network === network);
  if (before && before.state !== "held") return before.state;
  const lately = now.getTime() - LEARNING_MS;
  const own = seen.filter(({ state }) => state === "known");
  if (!own.some(({ firstSeenAt }) => firstSeenAt.getTime() <= lately)) return "known";
  if (pauses) return "held";
  const toldLately = seen.filter(
    ({ state, firstSeenAt }) => state === "told" && firstSeenAt.getTime() > lately,
  );
  return toldLately.length < TOLD_A_DAY ? "told" : "known";
}
