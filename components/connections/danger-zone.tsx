"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { deleteConnection, disconnectGrant } from "#components/connections/queries.ts";
import {
  isLeftOpen,
  revocationLine,
  stepsByHand,
} from "#components/connections/revocation-words.ts";
import { announceConnectionsChanged } from "#components/connections/use-live-connections.ts";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogClose } from "#components/ui/dialog.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { useNow, useTimeZone } from "#components/ui/now.tsx";
import { SectionTitle } from "#components/ui/panel.tsx";
import { sayDone } from "#components/ui/toast.ts";
import { useCall } from "#components/ui/use-call.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import { clockTime } from "#lib/core/relative-time.ts";
import type { DisconnectReceipt } from "#lib/grants/schema.ts";

/**
 * What ends access: one's own, or everybody's. The receipt of a disconnect stays until it is read,
 * though the page behind it has nothing left to disconnect.
 */
export function DangerZone({ connection }: { connection: ConnectionJson }) {
  const router = useRouter();
  const timeZone = useTimeZone();
  const [receipt, setReceipt] = useState<DisconnectReceipt | null>(null);
  const { myGrant, canEdit, provider } = connection;
  const isConnected = myGrant !== null && myGrant.state !== "disconnected";
  const showReceipt = (done: DisconnectReceipt) => {
    setReceipt(done);
    announceConnectionsChanged();
    router.refresh();
  };
  return (
    <>
      {(isConnected || canEdit) && (
        <section>
          <SectionTitle>Danger zone</SectionTitle>
          <div className="divide-y divide-line rounded-3 border border-danger-line">
            {isConnected && (
              <Line
                title="Disconnect yourself"
                words={
                  provider === "salesforce"
                    ? "Deletes your tokens here at once and asks Salesforce to end them on its side."
                    : "Deletes your tokens here at once. Marketing Cloud has no revoke call, so an access token already out ends by itself."
                }
              >
                <Disconnect connection={connection} onDone={showReceipt} />
              </Line>
            )}
            {canEdit && (
              <Line
                title="Delete for the team"
                words="Ends everybody's access through this connection and deletes its definition."
              >
                <DeleteConnection connection={connection} />
              </Line>
            )}
          </div>
        </section>
      )}
      <Dialog
        isOpen={receipt !== null}
        onOpenChange={(isOpen) => {
          if (!isOpen) setReceipt(null);
        }}
        title={`Disconnected from ${connection.name}`}
      >
        {receipt !== null && (
          <>
            <Receipt receipt={receipt} timeZone={timeZone} />
            <div className="flex justify-end">
              <DialogClose asChild>
                <Button>Done</Button>
              </DialogClose>
            </div>
          </>
        )}
      </Dialog>
    </>
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

/** Ends one's own grant, after asking. */
function Disconnect({
  connection,
  onDone,
}: {
  connection: ConnectionJson;
  onDone: (receipt: DisconnectReceipt) => void;
}) {
  const call = useCall();
  const timeZone = useTimeZone();
  const now = useNow();
  const [isOpen, setIsOpen] = useState(false);
  const grant = connection.myGrant;
  if (grant === null) return null;
  const expires = grant.accessTokenExpiresAt === null ? null : new Date(grant.accessTokenExpiresAt);
  return (
    <AlertDialog
      isOpen={isOpen}
      onOpenChange={(next) => {
        setIsOpen(next);
        call.clear();
      }}
      trigger={<Button tone="danger">Disconnect</Button>}
      title={`Disconnect yourself from ${connection.name}`}
      description={<EnvironmentBadge environment={connection.environment} className="mt-1" />}
      confirmLabel="Disconnect"
      cancelLabel="Stay connected"
      isBusy={call.isBusy}
      busyLabel="Disconnecting"
      error={call.error}
      onConfirm={() =>
        call.run(async () => {
          const receipt = await disconnectGrant(grant.id);
          setIsOpen(false);
          onDone(receipt);
        })
      }
    >
      <Effects
        ends={[
          "Your tokens here are deleted at once.",
          ...(connection.provider === "salesforce"
            ? ["Salesforce is asked to end them on its side too."]
            : []),
        ]}
        stays={[
          ...(connection.provider === "marketing-cloud"
            ? [
                expires !== null && expires > now
                  ? `Marketing Cloud has no revoke call: an access token already out lasts until ${clockTime(expires, timeZone)}.`
                  : "Marketing Cloud has no revoke call: an access token already out lasts up to 20 minutes.",
              ]
            : []),
          "Teammates stay connected with their own logins.",
          "The connection stays; you can connect again.",
        ]}
      />
    </AlertDialog>
  );
}

/** What was done, and what the provider said: who, when, and its own id of the request. */
function Receipt({
  receipt: { disconnectedAt, revocation },
  timeZone,
}: {
  receipt: DisconnectReceipt;
  timeZone: string;
}) {
  const now = useNow();
  const line = revocation && revocationLine(revocation, now, timeZone);
  return (
    <ul className="grid list-disc gap-1 pl-4 text-ink-2 marker:text-ink-3 [overflow-wrap:anywhere]">
      <li>Your tokens here were deleted at {clockTime(new Date(disconnectedAt), timeZone)}.</li>
      {line === null ? (
        <li>There was no token left to end.</li>
      ) : (
        <li>
          {line.headline}. {line.details.join(" ")}
        </li>
      )}
      {revocation !== null &&
        isLeftOpen(revocation) &&
        stepsByHand(revocation).map((step) => <li key={step}>{step}</li>)}
    </ul>
  );
}

/** Deletes the definition for the whole team, after asking. */
function DeleteConnection({ connection }: { connection: ConnectionJson }) {
  const router = useRouter();
  const call = useCall();
  const [isOpen, setIsOpen] = useState(false);
  const people = connection.grants.filter((grant) => grant.state !== "disconnected").length;
  return (
    <AlertDialog
      isOpen={isOpen}
      onOpenChange={(next) => {
        setIsOpen(next);
        call.clear();
      }}
      trigger={<Button tone="danger">Delete connection</Button>}
      title={`Delete ${connection.name} for the team`}
      description={<EnvironmentBadge environment={connection.environment} className="mt-1" />}
      confirmLabel="Delete connection"
      cancelLabel="Keep it"
      isBusy={call.isBusy}
      busyLabel="Deleting"
      error={call.error}
      onConfirm={() =>
        call.run(async () => {
          const { revocations } = await deleteConnection(connection.id);
          const open = revocations.filter(isLeftOpen).length;
          announceConnectionsChanged();
          sayDone(
            open === 0
              ? `${connection.name} was deleted`
              : `${connection.name} was deleted. ${open === 1 ? "One token is" : `${open} tokens are`} not confirmed as ended: see Ends at providers.`,
          );
          router.push("/integrations" as Route);
          router.refresh();
        })
      }
    >
      <Effects
        ends={[
          people === 0
            ? "Nobody is connected; nobody loses access."
            : `${people === 1 ? "One person loses" : `${people} people lose`} access through it.`,
          "Its definition and its tokens are deleted here; where a provider can end a token, it is asked to, until it confirms.",
        ]}
        stays={[
          "The app and the users at the provider stay as they are.",
          "The audit trail stays.",
        ]}
      />
    </AlertDialog>
  );
}

function Effects({ ends, stays }: { ends: readonly string[]; stays: readonly string[] }) {
  const list = (title: string, items: readonly string[]): ReactNode => (
    <div>
      <h3 className="font-label text-sm tracking-tight">{title}</h3>
      <ul className="list-disc pl-4 text-ink-2 marker:text-ink-3">
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
  return (
    <div className="grid gap-3">
      {list("What ends", ends)}
      {list("What stays", stays)}
    </div>
  );
}
