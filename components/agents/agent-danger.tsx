"use client";

import type { Route } from "next";
import type { ReactNode } from "react";
import { deleteAgent, patchAgent } from "#components/agents/calls.ts";
import { ConfirmEnd } from "#components/agents/confirm-end.tsx";
import { SectionTitle } from "#components/ui/panel.tsx";
import type { AgentJson } from "#lib/agents/schema.ts";

/** Pausing it and ending it. */
export function AgentDanger({ agent }: { agent: AgentJson }) {
  return (
    <section>
      <SectionTitle>Danger zone</SectionTitle>
      <div className="divide-y divide-line rounded-3 border border-danger-line">
        {agent.disabledAt === null && (
          <Line
            title="Disable"
            words={
              agent.isMine
                ? "Nothing of it works until you enable it again. Its keys stay."
                : "Nothing of it works any more, and its keys are revoked for good."
            }
          >
            <ConfirmEnd
              label="Disable"
              title={`Disable ${agent.name}`}
              lines={[
                "Whatever uses it is refused within a second.",
                "What it has borrowed ends.",
                agent.isMine
                  ? "Its keys work again once you enable it."
                  : `Its keys are revoked: ${agent.owner.name} can enable it again, and then has to make new ones.`,
              ]}
              confirmLabel="Disable the agent"
              cancelLabel="Let it go on"
              busyLabel="Disabling"
              done={`${agent.name} is disabled`}
              work={() => patchAgent(agent.id, { isDisabled: true })}
            />
          </Line>
        )}
        <Line title="Delete" words="Ends its keys and everything it has borrowed, for good.">
          <ConfirmEnd
            label="Delete"
            title={`Delete ${agent.name}`}
            lines={[
              "Its keys and everything it has borrowed end within a second.",
              "What it did stays in the trail.",
              "Your connections stay as they are.",
            ]}
            confirmLabel="Delete the agent"
            cancelLabel="Keep it"
            busyLabel="Deleting"
            done={`${agent.name} was deleted`}
            goTo={"/agents" as Route}
            work={() => deleteAgent(agent.id)}
          />
        </Line>
      </div>
    </section>
  );
}

function Line({ title, words, children }: { title: string; words: string; children: ReactNode }) {
  return (
    <div className="flex items-center gap-4 px-4 py-3 max-md:flex-wrap">
      <div className="min-w-0 flex-1">
        <h3 className="font-label text-sm tracking-tight">{title}</h3>
        <p className="text-pretty text-ink-2 text-xs leading-[1.125rem]">{words}</p>
      </div>
      {children}
    </div>
  );
}
