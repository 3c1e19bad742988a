"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { makeStanding, standingOperationsOptions } from "#components/agents/standing-queries.ts";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { ApiProblem } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { CheckCard } from "#components/ui/choice-cards.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { DialogActions } from "#components/ui/dialog-actions.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { Field, Input } from "#components/ui/field.tsx";
import { useNow } from "#components/ui/now.tsx";
import { Note } from "#components/ui/panel.tsx";
import { Select } from "#components/ui/select.tsx";
import { sayDone } from "#components/ui/toast.ts";
import type { AgentJson } from "#lib/agents/schema.ts";
import { STANDING_RECORDS_MOST, STANDING_USES_MOST } from "#lib/plans/standing-approval-terms.ts";

const HOUR_MS = 60 * 60 * 1000;
const lengths = [
  [8, "8 hours"],
  [24, "One day"],
  [7 * 24, "7 days"],
  [30 * 24, "30 days"],
] as const;

/** The owner's word beforehand: for one operation, so often, so much, so long. */
export function ApproveBeforehand({
  agent,
  hasPassword,
}: {
  agent: AgentJson;
  hasPassword: boolean;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  return (
    <>
      <Dialog
        isOpen={isOpen}
        onOpenChange={setIsOpen}
        title="Approve beforehand"
        description={`For work that ${agent.name} does again and again. Each plan is still shown, recorded and applied step by step.`}
        className="max-w-[36rem]"
        trigger={<Button size="sm">Approve something beforehand</Button>}
      >
        {isOpen && (
          <StandingForm
            agent={agent}
            run={run}
            isBusy={busy === "approve"}
            problem={problem}
            onDone={() => setIsOpen(false)}
          />
        )}
      </Dialog>
      {dialog}
    </>
  );
}

function StandingForm({
  agent,
  run,
  isBusy,
  problem,
  onDone,
}: {
  agent: AgentJson;
  run: (name: string, work: () => Promise<unknown>) => Promise<void>;
  isBusy: boolean;
  problem: string | null;
  onDone: () => void;
}) {
  const router = useRouter();
  const now = useNow();
  const [connectionId, setConnectionId] = useState(agent.connections[0]?.connectionId ?? "");
  const [operationId, setOperationId] = useState("");
  const [uses, setUses] = useState(20);
  const [records, setRecords] = useState(10);
  const [hours, setHours] = useState<number>(24);
  const [appliesAtOnce, setAppliesAtOnce] = useState(false);
  const [typedName, setTypedName] = useState("");
  const [isNameAsked, setIsNameAsked] = useState(false);
  const operations = useQuery(standingOperationsOptions(connectionId));
  const connection = agent.connections.find((each) => each.connectionId === connectionId);
  const operation = operations.data?.find(({ id }) => id === operationId);
  const isProduction =
    isNameAsked ||
    connection?.environment === "production" ||
    (connection?.provider === "marketing-cloud" && connection.environment !== "demo");
  const save = async () => {
    try {
      await makeStanding(agent.id, {
        connectionId,
        operationId,
        usesMost: uses,
        recordsMost: records,
        until: new Date(now.getTime() + hours * HOUR_MS).toISOString(),
        appliesAtOnce,
        ...(isProduction && { typedName }),
      });
    } catch (error) {
      // The studio knows a production host by its name, whatever it is called here.
      if (error instanceof ApiProblem && error.code === "plans.name_not_typed") {
        setIsNameAsked(true);
      }
      throw error;
    }
    onDone();
    sayDone(`Approved beforehand: ${operation?.title ?? operationId}`);
    router.refresh();
  };
  return (
    <form
      aria-label="Approve beforehand"
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void run("approve", save);
      }}
    >
      <Field label="Connection">
        <Select
          className="h-9"
          value={connectionId}
          onChange={({ target }) => {
            setConnectionId(target.value);
            setOperationId("");
            setIsNameAsked(false);
          }}
        >
          {agent.connections.map((each) => (
            <option key={each.connectionId} value={each.connectionId}>
              {each.name}
            </option>
          ))}
        </Select>
      </Field>
      <Field
        label="Operation"
        help={
          operation?.description ??
          "What writes, deletes or sends. What runs code is asked each time."
        }
        error={
          operations.isError
            ? "The operations did not load. Are you connected there?"
            : operations.data?.length === 0
              ? "Nothing can be approved beforehand there: connect it first."
              : undefined
        }
        isRequired
      >
        <Select
          className="h-9"
          required
          value={operationId}
          onChange={({ target }) => setOperationId(target.value)}
        >
          <option value="" disabled>
            {operations.isPending ? "Loading" : "Choose one"}
          </option>
          {operations.data?.map(({ id, title, area }) => (
            <option key={id} value={id}>
              {area}: {title}
            </option>
          ))}
        </Select>
      </Field>
      <div className="grid gap-4 md:grid-cols-3">
        <Field label="Steps">
          <Input
            type="number"
            inputMode="numeric"
            required
            min={1}
            max={STANDING_USES_MOST}
            value={uses}
            onChange={({ target }) => setUses(Number(target.value))}
          />
        </Field>
        <Field label={operation?.effect === "send" ? "People a step" : "Records a step"}>
          <Input
            type="number"
            inputMode="numeric"
            required
            min={1}
            max={STANDING_RECORDS_MOST}
            value={records}
            onChange={({ target }) => setRecords(Number(target.value))}
          />
        </Field>
        <Field label="For">
          <Select
            className="h-9"
            value={hours}
            onChange={({ target }) => setHours(Number(target.value))}
          >
            {lengths.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      {agent.mode === "plan" && (
        <CheckCard
          checked={appliesAtOnce}
          onChange={({ target }) => setAppliesAtOnce(target.checked)}
          title="Apply at once"
          description="Off: a plan that this covers is approved and waits for you to apply it."
        />
      )}
      {agent.mode === "build" && (
        <Note>In build mode a plan that this covers is applied at once.</Note>
      )}
      {isProduction && connection !== undefined && (
        <Field
          label={
            <span className="flex flex-wrap items-center gap-2">
              Type the name of this connection
              <EnvironmentBadge environment={connection.environment} />
            </span>
          }
          help={`This is where real people and data are. Type ${connection.name}`}
          isRequired
        >
          <Input
            value={typedName}
            required
            autoComplete="off"
            maxLength={300}
            onChange={({ target }) => setTypedName(target.value)}
          />
        </Field>
      )}
      <DialogActions problem={problem} isBusy={isBusy} busyLabel="Approving">
        Approve beforehand
      </DialogActions>
    </form>
  );
}
