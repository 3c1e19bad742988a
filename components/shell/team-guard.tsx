"use client";

import { useEffect } from "react";
import { onTeamSwitched } from "#components/shell/switch-team.ts";

/** Leaves a page that was made for another team than the one this browser is in now. */
export function TeamGuard({ teamId }: { teamId: string }) {
  useEffect(
    () =>
      onTeamSwitched((next) => {
        if (next !== teamId) window.location.assign("/integrations");
      }),
    [teamId],
  );
  return null;
}
