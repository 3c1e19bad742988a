"use client";

import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { networkName, newNetworks, pauseWords } from "#components/agents/agent-words.ts";
import { patchAgent } from "#components/agents/calls.ts";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { Button } from "#components/ui/button.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { sayDone } from "#components/ui/toast.ts";
import type { AgentJson } from "#lib/agents/schema.ts";

type Props = { agent: AgentJson; hasPassword: boolean };

/** Why the studio stopped it, or where it was used that is new; and its owner's word that all is well. */
export function PausedNote({ agent, hasPassword }: Props) {
  if (agent.pausedAt === null) {
    return newNetworks(agent).length === 0 ? null : (
      <Panel tone="warn" title="Used from a new network" titleLevel={2} className="mb-6">
        <Networks agent={agent} />
        <p className="mt-2 max-w-measure text-pretty">
          It goes on. If that was not you, revoke the key and look at what it did.
        </p>
        <AllIsWell
          {...{ agent, hasPassword }}
          label="It was us"
          done="These networks are known now"
        />
      </Panel>
    );
  }
  const isNetwork = agent.pausedReason === "new_network";
  return (
    <Panel tone="warn" title={`The studio paused ${agent.name}`} titleLevel={2} className="mb-6">
      <p className="max-w-measure text-pretty">
        {pauseWords(agent.pausedReason)}{" "}
        {isNetwork
          ? "That may be you somewhere else, or somebody who has the key."
          : "That may be its work, or something that it read and followed."}{" "}
        Nothing of it works since <RelativeTime at={agent.pausedAt} isPast />.{" "}
        {isNetwork
          ? "If it was you, let it go on. If not, revoke the key."
          : "Look at what it did; if all is well, let it go on. If not, disable it and revoke its keys."}
      </p>
      <Networks agent={agent} />
      <AllIsWell
        {...{ agent, hasPassword }}
        label={isNetwork ? "It was us, go on" : "Let it go on"}
        done={`${agent.name} goes on`}
      />
    </Panel>
  );
}

function Networks({ agent }: { agent: AgentJson }): ReactNode {
  const networks = newNetworks(agent);
  if (networks.length === 0) return null;
  return (
    <ul className="mt-2 grid gap-1">
      {networks.map(({ network, keyName, isHeld, firstSeenAt }) => (
        <li key={`${keyName} ${network}`} className="[overflow-wrap:anywhere]">
          <span className="font-label">{keyName}</span> from{" "}
          <span className="mono">{networkName(network)}</span>
          {isHeld && ", refused"}{" "}
          <RelativeTime isPast at={firstSeenAt} className="text-ink-3 text-xs" />
        </li>
      ))}
    </ul>
  );
}

function AllIsWell({ agent, hasPassword, label, done }: Props & { label: string; done: string }) {
  const router = useRouter();
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  if (!agent.canEdit) return null;
  return (
    <>
      <div className="mt-3">
        <Button
          isBusy={busy === "resume"}
          busyLabel="One moment"
          onClick={() =>
            void run("resume", async () => {
              await patchAgent(agent.id, { isPaused: false });
              sayDone(done);
              router.refresh();
            })
          }
        >
          {label}
        </Button>
      </div>
      {problem !== null && (
        <div role="alert" className="mt-2">
          <FieldError>{problem}</FieldError>
        </div>
      )}
      {dialog}
    </>
  );
}
