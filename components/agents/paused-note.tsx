"use client";

import { useRouter } from "next/navigation";
import { pauseWords } from "#components/agents/agent-words.ts";
import { patchAgent } from "#components/agents/calls.ts";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { Button } from "#components/ui/button.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { sayDone } from "#components/ui/toast.ts";
import type { AgentJson } from "#lib/agents/schema.ts";

/** Why the studio stopped it, and its owner's word that it may go on. */
export function PausedNote({ agent, hasPassword }: { agent: AgentJson; hasPassword: boolean }) {
  const router = useRouter();
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  if (agent.pausedAt === null) return null;
  return (
    <Panel tone="warn" title={`The studio paused ${agent.name}`} titleLevel={2} className="mb-6">
      <p className="max-w-measure text-pretty">
        {pauseWords(agent.pausedReason)} That may be its work, or something that it read and
        followed. Nothing of it works since <RelativeTime at={agent.pausedAt} isPast />. Look at
        what it did; if all is well, let it go on. If not, disable it and revoke its keys.
      </p>
      {agent.canEdit && (
        <div className="mt-3">
          <Button
            isBusy={busy === "resume"}
            busyLabel="One moment"
            onClick={() =>
              void run("resume", async () => {
                await patchAgent(agent.id, { isPaused: false });
                sayDone(`${agent.name} goes on`);
                router.refresh();
              })
            }
          >
            Let it go on
          </Button>
        </div>
      )}
      {problem !== null && (
        <div role="alert" className="mt-2">
          <FieldError>{problem}</FieldError>
        </div>
      )}
      {dialog}
    </Panel>
  );
}
