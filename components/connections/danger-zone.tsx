"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { providerNames } from "#components/connections/provider-icon.tsx";
import { deleteConnection, disconnectGrant } from "#components/connections/queries.ts";
import { useCall } from "#components/connections/use-call.ts";
import { announceConnectionsChanged } from "#components/connections/use-live-connections.ts";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { ApiProblem } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogClose } from "#components/ui/dialog.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { useNow, useTimeZone } from "#components/ui/now.tsx";
import { SectionTitle } from "#components/ui/panel.tsx";
import { sayDone } from "#components/ui/toast.ts";
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
  const isUnconfirmed = myGrant?.reason === "revocation_unconfirmed";
  const showReceipt = (done: DisconnectReceipt) => {
    setReceipt(done);
    announceConnectionsChanged();
    router.refresh();
  };
  return (
    <>
      {(isConnected || isUnconfirmed || canEdit) && (
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
            {isUnconfirmed && myGrant !== null && (
              <Line
                title="Not confirmed"
                words={`${providerNames[provider]} has not confirmed that your access there has ended. Your token is kept, sealed, only to ask again.`}
              >
                <AskAgain grantId={myGrant.id} onDone={showReceipt} />
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
            <Receipt receipt={receipt} provider={providerNames[provider]} timeZone={timeZone} />
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

const revocationWords: Record<DisconnectReceipt["revocation"], (provider: string) => string> = {
  confirmed: (provider) => `${provider} confirmed that the token is ended.`,
  unconfirmed: (provider) =>
    `${provider} has not confirmed yet that the token is ended. An admin can end it in the org's session settings.`,
  not_offered: (provider) => `${provider} offers no call to end a token.`,
  nothing_to_revoke: () => "There was no token left to end.",
};

function Receipt({
  receipt,
  provider,
  timeZone,
}: {
  receipt: DisconnectReceipt;
  provider: string;
  timeZone: string;
}) {
  return (
    <ul className="grid list-disc gap-1 pl-4 text-ink-2 marker:text-ink-3">
      <li>
        Your tokens here were deleted at {clockTime(new Date(receipt.disconnectedAt), timeZone)}.
      </li>
      <li>{revocationWords[receipt.revocation](provider)}</li>
      {receipt.accessMayLastUntil !== null && (
        <li>
          An access token that is already out may work until{" "}
          {clockTime(new Date(receipt.accessMayLastUntil), timeZone)}.
        </li>
      )}
    </ul>
  );
}

/** Asks the provider once more to end a token that was disconnected here. */
function AskAgain({
  grantId,
  onDone,
}: {
  grantId: string;
  onDone: (receipt: DisconnectReceipt) => void;
}) {
  const call = useCall();
  return (
    <div className="grid justify-items-end gap-1">
      <Button
        isBusy={call.isBusy}
        busyLabel="Asking"
        onClick={() => call.run(async () => onDone(await disconnectGrant(grantId)))}
      >
        Ask again
      </Button>
      <div role="alert">{call.error !== null && <FieldError>{call.error}</FieldError>}</div>
    </div>
  );
}

/** Deletes the definition for the whole team, after asking. */
function DeleteConnection({ connection }: { connection: ConnectionJson }) {
  const router = useRouter();
  const call = useCall();
  const [isOpen, setIsOpen] = useState(false);
  const [isUnconfirmed, setIsUnconfirmed] = useState(false);
  const people = connection.grants.filter((grant) => grant.state !== "disconnected").length;
  return (
    <AlertDialog
      isOpen={isOpen}
      onOpenChange={(next) => {
        setIsOpen(next);
        setIsUnconfirmed(false);
        call.clear();
      }}
      trigger={<Button tone="danger">Delete connection</Button>}
      title={`Delete ${connection.name} for the team`}
      description={<EnvironmentBadge environment={connection.environment} className="mt-1" />}
      confirmLabel={isUnconfirmed ? "Delete anyway" : "Delete connection"}
      cancelLabel="Keep it"
      isBusy={call.isBusy}
      busyLabel="Deleting"
      error={call.error}
      onConfirm={() =>
        call.run(async () => {
          await deleteConnection(connection.id, isUnconfirmed).catch((problem: unknown) => {
            const code = problem instanceof ApiProblem ? problem.code : null;
            setIsUnconfirmed(code === "grants.revocation_unconfirmed");
            throw problem;
          });
          announceConnectionsChanged();
          sayDone(`${connection.name} was deleted`);
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
          "Its definition and its tokens are deleted here.",
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
