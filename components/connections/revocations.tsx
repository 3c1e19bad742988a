"use client";

import { useRouter } from "next/navigation";
import { askAgain } from "#components/connections/queries.ts";
import {
  causeWords,
  isLeftOpen,
  revocationLine,
  stepsByHand,
} from "#components/connections/revocation-words.ts";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { useNow, useTimeZone } from "#components/ui/now.tsx";
import { useCall } from "#components/ui/use-call.ts";
import type { RevocationJson } from "#lib/grants/schema.ts";

const dots = { good: "bg-ok-solid", warn: "bg-warn-solid", quiet: "bg-ink-3" } as const;

/** Ends at providers, each with how it stands and what can be done about it. */
export function RevocationList({
  revocations,
  showsConnection = false,
}: {
  revocations: readonly RevocationJson[];
  showsConnection?: boolean;
}) {
  return (
    <ul className="divide-y divide-line rounded-3 border border-line">
      {revocations.map((revocation) => (
        <li key={revocation.id} className="px-4 py-3">
          <RevocationItem revocation={revocation} showsConnection={showsConnection} />
        </li>
      ))}
    </ul>
  );
}

function RevocationItem({
  revocation,
  showsConnection,
}: {
  revocation: RevocationJson;
  showsConnection: boolean;
}) {
  const router = useRouter();
  const call = useCall();
  const now = useNow();
  const timeZone = useTimeZone();
  const line = revocationLine(revocation, now, timeZone);
  const whose = revocation.isMine ? "You" : (revocation.person?.name ?? "Somebody who has left");
  return (
    <div className="flex items-start gap-3 max-md:flex-wrap">
      <span aria-hidden className={cn("mt-1.5 size-2 shrink-0 rounded-full", dots[line.tone])} />
      <div className="min-w-0 flex-1 max-md:basis-3/4">
        <h3 className="font-label text-sm tracking-tight">{line.headline}</h3>
        <p className="text-ink-2 text-xs leading-[1.125rem] [overflow-wrap:anywhere]">
          {showsConnection && <b className="font-label text-ink">{revocation.connectionName}. </b>}
          {whose}
          {revocation.username !== null && ` as ${revocation.username}`}.{" "}
          {causeWords(revocation.cause)}. {line.details.join(" ")}
        </p>
        {isLeftOpen(revocation) && (
          <Disclosure summary="End it by hand" className="mt-1 text-xs">
            <ul className="mt-1 grid list-disc gap-1 pl-10 text-ink-2 marker:text-ink-3">
              {stepsByHand(revocation).map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ul>
          </Disclosure>
        )}
        <div role="alert">{call.error !== null && <FieldError>{call.error}</FieldError>}</div>
      </div>
      {revocation.state === "pending" && (
        <Button
          isBusy={call.isBusy}
          busyLabel="Asking"
          onClick={() =>
            call.run(async () => {
              await askAgain(revocation.id);
              router.refresh();
            })
          }
        >
          Ask again now
        </Button>
      )}
    </div>
  );
}
