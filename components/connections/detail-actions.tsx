"use client";

import { Activity } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { providerNames } from "#components/connections/provider-icon.tsx";
import {
  deleteConnection,
  disconnectGrant,
  renameConnection,
  testGrant,
} from "#components/connections/queries.ts";
import { announceConnectionsChanged } from "#components/connections/use-live-connections.ts";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { problemWords } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Dialog, DialogClose } from "#components/ui/dialog.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { Field, Input } from "#components/ui/field.tsx";
import { useNow, useTimeZone } from "#components/ui/now.tsx";
import { sayDone } from "#components/ui/toast.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import { clockTime } from "#lib/core/relative-time.ts";
import type { DisconnectReceipt, TestResult } from "#lib/grants/schema.ts";

/** Runs one call at a time; what went wrong is kept as words. */
function useCall() {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = async (work: () => Promise<void>) => {
    setIsBusy(true);
    setError(null);
    try {
      await work();
    } catch (cause) {
      setError(problemWords(cause));
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, error, run, clear: () => setError(null) };
}

/** Asks the provider who this is, now, and says what came back. */
export function TestCall({ grantId, provider }: { grantId: string; provider: string }) {
  const router = useRouter();
  const call = useCall();
  const [result, setResult] = useState<{ isOk: boolean; words: string } | null>(null);
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
          (call.error !== null || result?.isOk === false) && "text-danger-ink",
        )}
      >
        {said}
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

async function judged(result: TestResult, provider: string) {
  if (result.reason === null) {
    return { isOk: true, words: `${provider} answered in ${result.durationMs} ms` };
  }
  // The decoder is long, and most calls go well.
  const { explain, noFacts } = await import("#lib/grants/decoder.ts");
  return { isOk: false, words: explain(result.reason, noFacts).title };
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
        <div className="flex justify-end gap-2">
          <DialogClose asChild>
            <Button tone="quiet">Cancel</Button>
          </DialogClose>
          <Button type="submit" tone="primary" isBusy={call.isBusy} busyLabel="Renaming">
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Ends one's own grant after asking, and shows what the studio and the provider did. */
export function Disconnect({ connection }: { connection: ConnectionJson }) {
  const router = useRouter();
  const call = useCall();
  const timeZone = useTimeZone();
  const now = useNow();
  const [isOpen, setIsOpen] = useState(false);
  const [receipt, setReceipt] = useState<DisconnectReceipt | null>(null);
  const grant = connection.myGrant;
  if (grant === null) return null;
  const provider = providerNames[connection.provider];
  const expires = grant.accessTokenExpiresAt === null ? null : new Date(grant.accessTokenExpiresAt);
  return (
    <>
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
            setReceipt(await disconnectGrant(grant.id));
            announceConnectionsChanged();
            setIsOpen(false);
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
      <Dialog
        isOpen={receipt !== null}
        onOpenChange={(next) => {
          if (next) return;
          setReceipt(null);
          router.refresh();
        }}
        title={`Disconnected from ${connection.name}`}
      >
        {receipt !== null && (
          <>
            <Receipt receipt={receipt} provider={provider} timeZone={timeZone} />
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

/** Deletes the definition for the whole team, after asking. */
export function DeleteConnection({ connection }: { connection: ConnectionJson }) {
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
          await deleteConnection(connection.id);
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
