import { callApi } from "#components/ui/api.ts";

/** Tabs tell each other here which team this browser is in now. */
const CHANNEL = "studio-team";

/** Goes on in another of one's teams; this tab and all others leave what they show. */
export async function goToTeam(teamId: string): Promise<void> {
  await callApi(`/api/teams/${teamId}/switch`, null, { method: "POST" });
  arriveIn(teamId);
}

/** After the session moved: a whole load, since everything before belonged to another team. */
export function arriveIn(teamId: string): void {
  if (typeof BroadcastChannel !== "undefined") {
    const channel = new BroadcastChannel(CHANNEL);
    channel.postMessage(teamId);
    channel.close();
  }
  window.location.assign("/integrations");
}

/** @returns what stops listening */
export function onTeamSwitched(tell: (teamId: unknown) => void): () => void {
  if (typeof BroadcastChannel === "undefined") return () => {};
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => tell(data);
  return () => channel.close();
}
