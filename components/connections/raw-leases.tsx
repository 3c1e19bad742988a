"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { chooseRawLeases } from "#components/connections/detail-queries.ts";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { sayDone } from "#components/ui/toast.ts";
import { useCall } from "#components/ui/use-call.ts";
import type { GrantJson } from "#lib/connections/schema.ts";

/** The owner's choice whether agents may have the access token itself; off until they say so (BRK-3). */
export function RawLeases({ grant }: { grant: GrantJson }) {
  const queries = useQueryClient();
  const call = useCall();
  const [isAsking, setIsAsking] = useState(false);
  const isOn = grant.allowsRawLeases;
  const choose = (allows: boolean) =>
    call.run(async () => {
      await chooseRawLeases(queries, grant, allows);
      setIsAsking(false);
      sayDone(allows ? "Agents may have the access token" : "The access token stays inside");
    });
  return (
    <section
      aria-labelledby="raw-leases"
      className="mt-5 flex flex-wrap items-start gap-x-4 gap-y-2 border-line border-t pt-4"
    >
      <div className="min-w-0 flex-1 basis-72">
        <h3 id="raw-leases" className="flex flex-wrap items-center gap-2 text-sm">
          Agents may have the access token itself
          <Badge tone={isOn ? "warn" : "plain"}>{isOn ? "Allowed" : "Off"}</Badge>
        </h3>
        <p className="max-w-measure text-pretty text-ink-2">
          {isOn
            ? "Those of your agents that may write here can ask for it, and then call the provider without the studio: no plan holds them back, and no call is recorded here."
            : "Agents call through the studio, which keeps the token, checks each call and records it. Most tools need nothing else."}
        </p>
        {call.error !== null && !isAsking && (
          <p role="alert" className="text-danger-ink">
            {call.error}
          </p>
        )}
      </div>
      {isOn ? (
        <Button size="sm" isBusy={call.isBusy} busyLabel="Stopping" onClick={() => choose(false)}>
          Keep it inside again
        </Button>
      ) : (
        <AlertDialog
          isOpen={isAsking}
          onOpenChange={(next) => {
            setIsAsking(next);
            call.clear();
          }}
          trigger={<Button size="sm">Allow</Button>}
          title="Let agents have the access token itself"
          description="Whoever holds it is you at the provider, until it runs out."
          confirmLabel="Allow it"
          cancelLabel="Keep it inside"
          isBusy={call.isBusy}
          busyLabel="Allowing"
          error={call.error}
          onConfirm={() => choose(true)}
        >
          <ul className="grid list-disc gap-1 pl-4 text-ink-2 marker:text-ink-3">
            <li>Only agents of yours in build mode that may write here get it.</li>
            <li>
              What they do with it is neither checked nor recorded by the studio; the provider alone
              knows.
            </li>
            <li>
              Ending a lease does not take it back: it works at the provider until it runs out, or
              until you disconnect.
            </li>
            <li>The refresh token never leaves the vault.</li>
            <li>Everybody who sees this connection sees that you allowed it.</li>
          </ul>
        </AlertDialog>
      )}
    </section>
  );
}
