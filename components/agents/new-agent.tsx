"use client";

import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { AgentChoice } from "#components/agents/agent-choice.tsx";
import { type Budget, budgetPresets } from "#components/agents/agent-words.ts";
import { BudgetFields } from "#components/agents/budget-fields.tsx";
import { createAgent } from "#components/agents/calls.ts";
import { ConnectionPicker, type Picked } from "#components/agents/connection-picker.tsx";
import { ModePicker } from "#components/agents/mode-picker.tsx";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { Field, FieldError, Input } from "#components/ui/field.tsx";
import type { AgentMode } from "#lib/agents/schema.ts";

/** What it is, what it may do, where, and how much of it in a day; the key comes after, on its own page. */
export function NewAgent({ hasPassword }: { hasPassword: boolean }) {
  const router = useRouter();
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  const [name, setName] = useState("");
  const [mode, setMode] = useState<AgentMode>("plan");
  const [picked, setPicked] = useState<Picked[]>([]);
  const [asksForConnections, setAsks] = useState(true);
  const [pausesOnNewNetwork, setPauses] = useState(true);
  const [budget, setBudget] = useState<Budget>(budgetPresets.everyday.budget);
  const [isNameMissing, setIsNameMissing] = useState(false);
  return (
    <>
      <form
        aria-label="New agent"
        noValidate
        className="grid gap-6"
        onSubmit={(event) => {
          event.preventDefault();
          setIsNameMissing(name.trim() === "");
          if (name.trim() === "") {
            event.currentTarget.querySelector<HTMLInputElement>("input[name=name]")?.focus();
            return;
          }
          void run("create", async () => {
            const { id } = await createAgent({
              name,
              mode,
              asksForConnections,
              pausesOnNewNetwork,
              ...budget,
              connections: picked.map(({ connectionId }) => ({
                connectionId,
                directWritesUntil: null,
              })),
            });
            router.push(`/agents/${id}` as Route);
            router.refresh();
            return "leaves";
          });
        }}
      >
        <Field
          label="Name"
          help="What it does, so that everybody who reads the trail knows it: Nightly report, Assistant on my laptop."
          error={isNameMissing ? "Give the agent a name." : undefined}
          isRequired
        >
          <Input
            name="name"
            value={name}
            maxLength={80}
            autoComplete="off"
            onChange={(event) => {
              setName(event.target.value);
              setIsNameMissing(false);
            }}
          />
        </Field>
        <ModePicker value={mode} onChange={setMode} />
        <div className="grid gap-3">
          <ConnectionPicker value={picked} onChange={setPicked} />
          <AgentChoice of="asksForConnections" value={asksForConnections} onChange={setAsks} />
        </div>
        <BudgetFields value={budget} onChange={setBudget} />
        <AgentChoice of="pausesOnNewNetwork" value={pausesOnNewNetwork} onChange={setPauses} />
        <div className="grid gap-3 border-line border-t pt-6">
          <div className="flex flex-wrap items-center gap-3">
            <Button
              type="submit"
              tone="primary"
              isBusy={busy === "create"}
              busyLabel="Making the agent"
            >
              Make the agent
            </Button>
            <Link href={"/agents" as Route} className={buttonClass({ tone: "quiet" })}>
              Cancel
            </Link>
          </div>
          {problem !== null && (
            <div role="alert">
              <FieldError>{problem}</FieldError>
            </div>
          )}
        </div>
      </form>
      {dialog}
    </>
  );
}
