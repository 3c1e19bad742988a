import { Badge } from "#components/ui/badge.tsx";

/** States of journeys, automations and sends, as their provider names them. */
const tones: Readonly<Record<string, "ok" | "warn" | "danger" | "accent" | "plain">> = {
  Published: "ok",
  Running: "ok",
  Scheduled: "ok",
  ScheduledToPublish: "accent",
  AwaitingTrigger: "ok",
  Ready: "plain",
  Draft: "plain",
  Building: "plain",
  Paused: "warn",
  PausedSchedule: "warn",
  InactiveTrigger: "warn",
  Unpublished: "warn",
  Stopped: "plain",
  Deleted: "plain",
  Error: "danger",
  BuildingError: "danger",
};

export const isKnownState = (state: string): boolean => state in tones;

/** A state in its provider's word, parted: "PausedSchedule" → "Paused schedule". */
export function StateMark({ state }: { state: string }) {
  const words = state.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return (
    <Badge tone={tones[state] ?? "plain"}>{words.charAt(0).toUpperCase() + words.slice(1)}</Badge>
  );
}
