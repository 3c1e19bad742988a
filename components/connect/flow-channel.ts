/** Pages of this studio tell each other about flows here; no secret is ever among it (OA-16). */
export type FlowNews =
  | { type: "flow-ended"; flowId: string; connectionId: string; state: string }
  /** The page that waited has it and shows the outcome. */
  | { type: "flow-seen"; flowId: string };

const CHANNEL = "studio-connections";

export function announce(news: FlowNews): void {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(news);
  channel.close();
}

/** @returns how to stop listening */
export function listen(heard: (news: FlowNews) => void): () => void {
  if (typeof BroadcastChannel === "undefined") return () => {};
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event: MessageEvent) => {
    const news = event.data as Partial<FlowNews> | null;
    if (news?.type === "flow-ended" || news?.type === "flow-seen") heard(news as FlowNews);
  };
  return () => channel.close();
}
