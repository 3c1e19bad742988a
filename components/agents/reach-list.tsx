"use client";

import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { mayWriteNow } from "#components/agents/agent-words.ts";
import { patchAgent, type Reach, reachesOf } from "#components/agents/calls.ts";
import { ConfirmEnd } from "#components/agents/confirm-end.tsx";
import { ConnectionPicker, type Picked } from "#components/agents/connection-picker.tsx";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { DialogActions } from "#components/ui/dialog-actions.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { Field } from "#components/ui/field.tsx";
import { useNow } from "#components/ui/now.tsx";
import { Note } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Select } from "#components/ui/select.tsx";
import { sayDone } from "#components/ui/toast.ts";
import type { AgentConnectionJson, AgentJson } from "#lib/agents/schema.ts";

const HOUR_MS = 60 * 60 * 1000;
const lengths = [
  [1, "One hour"],
  [8, "8 hours"],
  [24, "One day"],
  [7 * 24, "7 days"],
  [30 * 24, "30 days"],
] as const;

/** Where the agent may go, and on each connection whether it writes without a plan. */
export function ReachList({ agent, hasPassword }: { agent: AgentJson; hasPassword: boolean }) {
  return (
    <div className="grid gap-3">
      {agent.connections.length === 0 ? (
        <p className="text-ink-2">None: it can use nothing yet.</p>
      ) : (
        <ul className="divide-y divide-line border-line border-y">
          {agent.connections.map((reach) => (
            <ReachLine
              key={reach.connectionId}
              agent={agent}
              reach={reach}
              hasPassword={hasPassword}
            />
          ))}
        </ul>
      )}
      {agent.canEdit && (
        <div>
          <ChooseConnections agent={agent} />
        </div>
      )}
    </div>
  );
}

function ReachLine({
  agent,
  reach,
  hasPassword,
}: {
  agent: AgentJson;
  reach: AgentConnectionJson;
  hasPassword: boolean;
}) {
  const now = useNow();
  const isOpen = mayWriteNow(agent, reach, now);
  const change = (directWritesUntil: string | null) =>
    patchAgent(agent.id, {
      connections: reachesOf(agent).map((each) =>
        each.connectionId === reach.connectionId ? { ...each, directWritesUntil } : each,
      ),
    });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2.5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2 font-label">
          <Link
            href={`/integrations/${reach.connectionId}` as Route}
            className="min-w-0 [overflow-wrap:anywhere] hover:underline"
          >
            {reach.name}
          </Link>
          <EnvironmentBadge environment={reach.environment} />
          {isOpen && <Badge tone="warn">Writes</Badge>}
        </p>
        <p className="text-ink-3 text-xs">
          {isOpen && reach.directWritesUntil !== null ? (
            <>
              Writes without a plan; ends <RelativeTime at={reach.directWritesUntil} />
            </>
          ) : agent.mode === "build" ? (
            "Writes need a plan"
          ) : (
            "Reads; what it would write becomes a plan"
          )}
          {reach.grantState !== "active" &&
            (agent.isMine
              ? ` · ${reach.grantState === "needs_reconnect" ? "your sign-in here has ended" : "you are not connected here"}, so nothing works yet`
              : ` · ${agent.owner.name} is not connected here`)}
        </p>
      </div>
      {agent.canEdit && agent.mode === "build" && (
        <div className="flex gap-2">
          {isOpen ? (
            <ConfirmEnd
              label="End writes"
              labelFor={`on ${reach.name}`}
              size="sm"
              title={`End writes on ${reach.name}`}
              lines={["From now on a write there needs a plan.", "Reads go on."]}
              confirmLabel="End writes"
              cancelLabel="Let them go on"
              busyLabel="Ending"
              done={`${agent.name} writes on ${reach.name} no more`}
              work={() => change(null)}
            />
          ) : (
            <AllowWrites agent={agent} reach={reach} hasPassword={hasPassword} allow={change} />
          )}
        </div>
      )}
    </li>
  );
}

/** The owner's explicit word, for a time, on one connection. */
function AllowWrites({
  agent,
  reach,
  hasPassword,
  allow,
}: {
  agent: AgentJson;
  reach: AgentConnectionJson;
  hasPassword: boolean;
  allow: (until: string) => Promise<unknown>;
}) {
  const router = useRouter();
  const now = useNow();
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  const [isOpen, setIsOpen] = useState(false);
  const [hours, setHours] = useState<number>(1);
  return (
    <>
      <Dialog
        isOpen={isOpen}
        onOpenChange={setIsOpen}
        title={`Let ${agent.name} write on ${reach.name}`}
        trigger={
          <Button size="sm">
            Allow writes<span className="sr-only"> on {reach.name}</span>
          </Button>
        }
      >
        <form
          aria-label="Allow writes"
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            void run("allow", async () => {
              await allow(new Date(now.getTime() + hours * HOUR_MS).toISOString());
              setIsOpen(false);
              sayDone(`${agent.name} may write on ${reach.name}`);
              router.refresh();
            });
          }}
        >
          <p>
            <EnvironmentBadge environment={reach.environment} />
          </p>
          <Note>
            Until then it creates, changes and deletes there as you, and nobody is asked again. Code
            and credentials stay refused. Everybody who sees the connection sees this.
          </Note>
          <Field label="For">
            <Select
              className="h-9"
              value={hours}
              onChange={(event) => setHours(Number(event.target.value))}
            >
              {lengths.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </Select>
          </Field>
          <DialogActions problem={problem} isBusy={busy === "allow"} busyLabel="Allowing">
            Allow writes
          </DialogActions>
        </form>
      </Dialog>
      {dialog}
    </>
  );
}

function ChooseConnections({ agent }: { agent: AgentJson }) {
  const router = useRouter();
  const { run, busy, problem } = useConfirmed(false);
  const [isOpen, setIsOpen] = useState(false);
  const [picked, setPicked] = useState<Picked[]>([]);
  const before = new Map(reachesOf(agent).map((reach) => [reach.connectionId, reach]));
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={(next) => {
        setIsOpen(next);
        if (next) setPicked([...agent.connections]);
      }}
      title={`Connections of ${agent.name}`}
      className="max-w-[36rem]"
      trigger={<Button size="sm">Choose connections</Button>}
    >
      <form
        aria-label={`Connections of ${agent.name}`}
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const connections: Reach[] = picked.map(
            ({ connectionId }) =>
              before.get(connectionId) ?? { connectionId, directWritesUntil: null },
          );
          void run("save", async () => {
            await patchAgent(agent.id, { connections });
            setIsOpen(false);
            sayDone(
              `${agent.name} has ${connections.length === 1 ? "1 connection" : `${connections.length} connections`}`,
            );
            router.refresh();
          });
        }}
      >
        <ConnectionPicker value={picked} onChange={setPicked} />
        <DialogActions problem={problem} isBusy={busy === "save"} busyLabel="Saving">
          Save
        </DialogActions>
      </form>
    </Dialog>
  );
}
