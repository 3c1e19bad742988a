"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { AgentChoice } from "#components/agents/agent-choice.tsx";
import type { Budget } from "#components/agents/agent-words.ts";
import { BudgetFields } from "#components/agents/budget-fields.tsx";
import { patchAgent } from "#components/agents/calls.ts";
import { ModePicker } from "#components/agents/mode-picker.tsx";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { DialogActions } from "#components/ui/dialog-actions.tsx";
import { Field, FieldError, Input } from "#components/ui/field.tsx";
import { Note } from "#components/ui/panel.tsx";
import { sayDone } from "#components/ui/toast.ts";
import type { AgentJson, AgentMode } from "#lib/agents/schema.ts";

const budgetOf = ({ callsPerDay, rowsPerDay, sendsPerDay }: AgentJson): Budget => ({
  callsPerDay,
  rowsPerDay,
  sendsPerDay,
});

/** Name, mode, budget, whether it may ask, and what stops it. */
export function EditAgent({ agent, hasPassword }: { agent: AgentJson; hasPassword: boolean }) {
  const router = useRouter();
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState(agent.name);
  const [mode, setMode] = useState<AgentMode>(agent.mode);
  const [asksForConnections, setAsks] = useState(agent.asksForConnections);
  const [pausesOnNewNetwork, setPauses] = useState(agent.pausesOnNewNetwork);
  const [budget, setBudget] = useState(budgetOf(agent));
  const endsWrites =
    mode === "plan" &&
    agent.connections.some(({ directWritesUntil }) => directWritesUntil !== null);
  return (
    <>
      <Dialog
        isOpen={isOpen}
        onOpenChange={(next) => {
          setIsOpen(next);
          setName(agent.name);
          setMode(agent.mode);
          setAsks(agent.asksForConnections);
          setPauses(agent.pausesOnNewNetwork);
          setBudget(budgetOf(agent));
        }}
        title={`Change ${agent.name}`}
        className="max-w-[34rem]"
        trigger={<Button tone="quiet">Change</Button>}
      >
        <form
          aria-label={`Change ${agent.name}`}
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            void run("save", async () => {
              const chosen = { name, mode, asksForConnections, pausesOnNewNetwork, ...budget };
              await patchAgent(agent.id, chosen);
              setIsOpen(false);
              sayDone("Saved");
              router.refresh();
            });
          }}
        >
          <Field label="Name" isRequired>
            <Input
              value={name}
              maxLength={80}
              required
              autoComplete="off"
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
          <ModePicker value={mode} onChange={setMode} />
          <AgentChoice of="asksForConnections" value={asksForConnections} onChange={setAsks} />
          <BudgetFields value={budget} onChange={setBudget} />
          <AgentChoice of="pausesOnNewNetwork" value={pausesOnNewNetwork} onChange={setPauses} />
          {endsWrites && (
            <Note>
              In plan mode nothing is written: what you allowed ends, and is asked for anew.
            </Note>
          )}
          <DialogActions problem={problem} isBusy={busy === "save"} busyLabel="Saving">
            Save
          </DialogActions>
        </form>
      </Dialog>
      {dialog}
    </>
  );
}

/** Takes a pause back. */
export function EnableAgent({ agent, hasPassword }: { agent: AgentJson; hasPassword: boolean }) {
  const router = useRouter();
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  return (
    <>
      <Button
        isBusy={busy === "enable"}
        busyLabel="Enabling"
        onClick={() =>
          void run("enable", async () => {
            await patchAgent(agent.id, { isDisabled: false });
            sayDone(`${agent.name} works again`);
            router.refresh();
          })
        }
      >
        Enable
      </Button>
      {problem !== null && (
        <div role="alert">
          <FieldError>{problem}</FieldError>
        </div>
      )}
      {dialog}
    </>
  );
}
