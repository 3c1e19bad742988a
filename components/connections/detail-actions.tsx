"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { connectionOptions } from "#components/connections/detail-queries.ts";
import { renameConnection, testGrant } from "#components/connections/queries.ts";
import { announceConnectionsChanged } from "#components/connections/use-live-connections.ts";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Dialog } from "#components/ui/dialog.tsx";
import { DialogActions } from "#components/ui/dialog-actions.tsx";
import { Field, Input } from "#components/ui/field.tsx";
import { sayDone, sayProblem } from "#components/ui/toast.ts";
import { useCall } from "#components/ui/use-call.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import type { TestResult } from "#lib/grants/schema.ts";
import { problemPath, type ReasonCode } from "#lib/providers/reason-codes.ts";

/** Asks the provider who this is, now, and says what came back. */
export function TestCall({
  connectionId,
  grantId,
  provider,
}: {
  connectionId: string;
  grantId: string;
  provider: string;
}) {
  const router = useRouter();
  const call = useCall();
  const [result, setResult] = useState<Judged | null>(null);
  const said = call.error ?? result?.words ?? "";
  return (
    <div className="flex items-center gap-3 max-md:gap-2">
      <p
        role="status"
        className={cn(
          "min-w-0 text-right text-ink-2 text-xs",
          // On a phone it unrolls under the bar.
          "max-md:absolute max-md:inset-x-0 max-md:top-full max-md:border-line max-md:border-b max-md:bg-surface max-md:px-4 max-md:py-2 max-md:text-left",
          said === "" && "sr-only max-md:inset-auto max-md:border-0 max-md:p-0",
          (call.error !== null || (result?.reason ?? null) !== null) && "text-danger-ink",
        )}
      >
        {said}
        {call.error === null && result !== null && result.reason !== null && (
          <>
            {" "}
            <Link className="link" href={problemPath(result.reason, connectionId) as Route}>
              What to do
            </Link>
          </>
        )}
      </p>
      <Button
        isBusy={call.isBusy}
        busyLabel="Testing"
        className="min-w-24"
        onClick={() =>
          call.run(async () => {
            setResult(null);
            setResult(await judged(await testGrant(grantId), provider));
            router.refresh();
          })
        }
      >
        <Activity aria-hidden strokeWidth={1.5} />
        Test call
      </Button>
    </div>
  );
}

/** A use that keeps a sign-in from going idle; the page shows what came of it. */
export function UseNow({ connectionId, grantId }: { connectionId: string; grantId: string }) {
  const queries = useQueryClient();
  const call = useCall();
  return (
    <>
      <Button
        size="sm"
        isBusy={call.isBusy}
        busyLabel="Using it"
        onClick={() =>
          call.run(async () => {
            const { reason, words } = await judged(await testGrant(grantId), "It");
            await queries.invalidateQueries({
              queryKey: connectionOptions(connectionId).queryKey,
            });
            if (reason === null) sayDone("Used: its idle time begins anew");
            else sayProblem(words);
          })
        }
      >
        Use now
      </Button>
      {call.error !== null && (
        <span role="alert" className="text-danger-ink text-xs">
          {call.error}
        </span>
      )}
    </>
  );
}

type Judged = { reason: ReasonCode | null; words: string };

async function judged(result: TestResult, provider: string): Promise<Judged> {
  if (result.reason === null) {
    return { reason: null, words: `${provider} answered in ${result.durationMs} ms` };
  }
  // The decoder is long, and most calls go well.
  const { explain, noFacts } = await import("#lib/grants/decoder.ts");
  return { reason: result.reason, words: explain(result.reason, noFacts).title };
}

/** Renames for the whole team. */
export function Rename({ connection }: { connection: Pick<ConnectionJson, "id" | "name"> }) {
  const router = useRouter();
  const call = useCall();
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState(connection.name);
  const isEmpty = name.trim() === "";
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={(next) => {
        setIsOpen(next);
        setName(connection.name);
        call.clear();
      }}
      title="Rename"
      description="The whole team sees the new name."
      trigger={<Button tone="quiet">Rename</Button>}
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isEmpty) return;
          void call.run(async () => {
            await renameConnection(connection.id, name.trim());
            announceConnectionsChanged();
            setIsOpen(false);
            sayDone(`Renamed to ${name.trim()}`);
            router.refresh();
          });
        }}
      >
        <Field
          label="Connection name"
          error={call.error ?? (isEmpty ? "Give the connection a name." : undefined)}
        >
          <Input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
        </Field>
        <DialogActions isBusy={call.isBusy} busyLabel="Renaming">
          Rename
        </DialogActions>
      </form>
    </Dialog>
  );
}
