"use client";

import { KeyRound, Smartphone } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ConfirmItIsYou } from "#components/auth/confirm-it-is-you.tsx";
import type { PasskeyOptions } from "#components/second-factor/passkey.ts";
import { RecoveryCodes } from "#components/second-factor/recovery-codes.tsx";
import { SetUpApp } from "#components/second-factor/set-up-app.tsx";
import { SetUpPasskey } from "#components/second-factor/set-up-passkey.tsx";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { ApiProblem, callApi, problemWords } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { sayDone } from "#components/ui/toast.ts";
import {
  type FactorAddedJson,
  RECOVERY_CODE_COUNT,
  recoveryCodesSchema,
  type SecondFactorJson,
  type SecondFactorsJson,
  type TotpBegunJson,
  totpBegunSchema,
} from "#lib/second-factor/schema.ts";

type Shown =
  | { what: "app"; begun: TotpBegunJson }
  | { what: "passkey"; options: PasskeyOptions }
  | { what: "codes"; codes: readonly string[] };

const titles = {
  app: "Add an authenticator app",
  passkey: "Add a passkey",
  codes: "Your recovery codes",
} as const;
const descriptions = {
  app: "Scan this with an app that makes one-time codes, then enter the code that it shows.",
  passkey: "Your browser asks for a fingerprint, a face, a PIN or a security key.",
  codes: "For the day when your second factor is lost.",
} as const;
const kinds = {
  totp: { words: "Authenticator app", Icon: Smartphone },
  passkey: { words: "Passkey", Icon: KeyRound },
} as const;

/** One's own second factors: what there is, adding, removing, and the codes for when all are lost. */
export function SecondFactors({
  factors,
  recoveryCodesLeft,
  isWanted,
  hasPassword,
}: SecondFactorsJson) {
  const router = useRouter();
  const [shown, setShown] = useState<Shown | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  /** What waits until the person has confirmed that it is them. */
  const [waiting, setWaiting] = useState<(() => Promise<void>) | null>(null);

  const run = async (name: string, work: () => Promise<void>) => {
    setBusy(name);
    setProblem(null);
    try {
      await work();
    } catch (cause) {
      const code = cause instanceof ApiProblem ? cause.code : null;
      if (code === "auth.recent_sign_in_needed") setWaiting(() => () => run(name, work));
      // The frame's dialog says it, and leads on.
      else if (code !== "auth.second_factor_required") setProblem(problemWords(cause));
    } finally {
      setBusy(null);
    }
  };

  const beginApp = () =>
    run("app", async () => {
      const begun = await callApi("/api/second-factor/totp", async () => totpBegunSchema, {
        method: "POST",
      });
      setShown({ what: "app", begun });
    });
  const beginPasskey = () =>
    run("passkey", async () => {
      const { askToAddPasskey } = await import("#components/second-factor/passkey.ts");
      setShown({ what: "passkey", options: await askToAddPasskey() });
    });
  const remake = () =>
    run("codes", async () => {
      const { recoveryCodes } = await callApi(
        "/api/second-factor/recovery-codes",
        async () => recoveryCodesSchema,
        { method: "POST" },
      );
      setShown({ what: "codes", codes: recoveryCodes });
      router.refresh();
    });
  const added = ({ recoveryCodes }: FactorAddedJson) => {
    setShown(recoveryCodes === null ? null : { what: "codes", codes: recoveryCodes });
    sayDone("Second factor added");
    router.refresh();
  };

  return (
    <div className="grid gap-3">
      {factors.length === 0 ? (
        <p className="text-ink-2">
          {isWanted
            ? "Your role looks after others. Managing people, and what belongs to teammates, needs a second factor; your own connections do not."
            : "With a second factor, a password that somebody else got to know is not enough to be you."}
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {factors.map((factor) => (
            <Factor key={factor.id} factor={factor} isLast={factors.length === 1} />
          ))}
        </ul>
      )}
      <div className="flex flex-wrap gap-2">
        <Button isBusy={busy === "app"} busyLabel="Preparing" onClick={() => void beginApp()}>
          Add authenticator app
        </Button>
        <Button
          isBusy={busy === "passkey"}
          busyLabel="Preparing"
          onClick={() => void beginPasskey()}
        >
          Add passkey
        </Button>
      </div>
      {factors.length > 0 && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-t pt-3">
          <p className="min-w-0 flex-1">
            <span className="nums">
              {recoveryCodesLeft} of {RECOVERY_CODE_COUNT}
            </span>{" "}
            recovery codes left
          </p>
          <Button
            size="sm"
            isBusy={busy === "codes"}
            busyLabel="Making"
            onClick={() => void remake()}
          >
            Make new codes
          </Button>
        </div>
      )}
      {problem !== null && (
        <div role="alert">
          <FieldError>{problem}</FieldError>
        </div>
      )}
      {waiting !== null && (
        <ConfirmItIsYou
          hasPassword={hasPassword}
          onClose={() => setWaiting(null)}
          onConfirmed={() => {
            setWaiting(null);
            void waiting();
          }}
        />
      )}
      {shown !== null && (
        <Dialog
          isOpen
          onOpenChange={(isOpen) => !isOpen && shown.what !== "codes" && setShown(null)}
          title={titles[shown.what]}
          description={descriptions[shown.what]}
        >
          {shown.what === "app" && <SetUpApp begun={shown.begun} onAdded={added} />}
          {shown.what === "passkey" && <SetUpPasskey options={shown.options} onAdded={added} />}
          {shown.what === "codes" && (
            <RecoveryCodes codes={shown.codes} onKept={() => setShown(null)} />
          )}
        </Dialog>
      )}
    </div>
  );
}

function Factor({ factor, isLast }: { factor: SecondFactorJson; isLast: boolean }) {
  const router = useRouter();
  const [isOpen, setIsOpen] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { words, Icon } = kinds[factor.kind];
  const remove = async () => {
    setIsBusy(true);
    setError(null);
    try {
      await callApi(`/api/second-factor/factors/${factor.id}`, null, { method: "DELETE" });
      setIsOpen(false);
      sayDone(`${factor.name} removed; other sessions have ended`);
      router.refresh();
    } catch (cause) {
      if (cause instanceof ApiProblem && cause.secondFactorStep !== null) setIsOpen(false);
      else setError(problemWords(cause));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <li className="flex items-center gap-3 py-2">
      <Icon aria-hidden strokeWidth={1.5} className="size-4 shrink-0 text-ink-3" />
      <div className="min-w-0 flex-1">
        <p className="font-label [overflow-wrap:anywhere]">{factor.name}</p>
        <p className="text-ink-3 text-xs">
          {factor.name !== words && `${words} · `}
          added <RelativeTime at={factor.createdAt} />
          {factor.lastUsedAt !== null && (
            <>
              {" · used "}
              <RelativeTime at={factor.lastUsedAt} />
            </>
          )}
        </p>
      </div>
      <AlertDialog
        trigger={
          <Button size="sm" aria-label={`Remove ${factor.name}`}>
            Remove
          </Button>
        }
        title={`Remove ${factor.name}?`}
        description={
          isLast
            ? "It is your only second factor: your password alone will do then, and your recovery codes go too. Your other sessions end."
            : "It no longer works at the second step. Your other sessions end."
        }
        confirmLabel={`Remove ${factor.name}`}
        isOpen={isOpen}
        onOpenChange={setIsOpen}
        isBusy={isBusy}
        busyLabel="Removing"
        error={error}
        onConfirm={() => void remove()}
      />
    </li>
  );
}
