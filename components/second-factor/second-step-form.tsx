"use client";

import { KeyRound } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { SubmitPart } from "#components/auth/submit-part.tsx";
import { useWait } from "#components/auth/use-wait.ts";
import { signOutHere } from "#components/shell/sign-out.ts";
import { ApiProblem, callApi, problemWords } from "#components/ui/api.ts";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { Field, Input } from "#components/ui/field.tsx";
import type { FactorKind } from "#lib/second-factor/schema.ts";

type Way = FactorKind | "recovery";

const intros: Readonly<Record<Way, string>> = {
  totp: "Enter the code that your authenticator app shows.",
  passkey: "Use the passkey that you set up for the studio.",
  recovery: "Enter one of the codes that you kept. It works once.",
};

/**
 * The second step of signing in, or its confirmation in a session that is there already.
 *
 * @param props.returnTo - a known path of ours, checked by the page
 */
export function SecondStepForm({
  kinds,
  email,
  isSignedIn,
  returnTo,
}: {
  kinds: readonly FactorKind[];
  email: string;
  isSignedIn: boolean;
  returnTo: string;
}) {
  const first: Way = kinds.includes("totp") ? "totp" : "passkey";
  const [way, setWay] = useState<Way>(first);
  const [isBusy, setIsBusy] = useState<"code" | "passkey" | null>(null);
  const [error, setError] = useState<string | null>(null);
  const { seconds, wait } = useWait();
  const field = useRef<HTMLInputElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the field is another one with each way
  useEffect(() => field.current?.focus(), [way]);

  const attempt = async (kind: "code" | "passkey", work: () => Promise<void>) => {
    if (isBusy !== null || seconds > 0) return;
    setIsBusy(kind);
    setError(null);
    try {
      await work();
      // A whole load: this browser goes on in another session.
      window.location.assign(returnTo);
    } catch (cause) {
      setIsBusy(null);
      if (cause instanceof ApiProblem && cause.code === "auth.not_signed_in") {
        window.location.assign(`/sign-in?returnTo=${encodeURIComponent(returnTo)}`);
        return;
      }
      if (cause instanceof ApiProblem && cause.retryAfterSeconds !== null) {
        wait(cause.retryAfterSeconds);
        setError("There were too many attempts.");
        return;
      }
      const isBrowsers = cause instanceof Error && cause.name === "NoPasskeyError";
      setError(
        isBrowsers
          ? "The browser gave no passkey. Try again, or use another way."
          : problemWords(cause),
      );
      field.current?.select();
    }
  };
  const send = (code: string) =>
    attempt("code", () => {
      const path = way === "recovery" ? "recovery-code" : "code";
      return callApi(`/api/second-factor/step/${path}`, null, { method: "POST", body: { code } });
    });
  const usePasskey = () =>
    attempt("passkey", async () =>
      (await import("#components/second-factor/passkey.ts")).passWithPasskeyHere(),
    );
  const others = ([...kinds, "recovery"] as const).filter(
    (other) => other !== way && other !== "passkey",
  );

  return (
    <>
      <h1 className="mb-1 text-xl">{isSignedIn ? "Confirm that it is you" : "One more step"}</h1>
      <p className="mb-6 text-ink-2 text-md">{intros[way]}</p>
      <div className="grid gap-4">
        {way === "passkey" ? (
          <>
            <div role="alert">
              {error !== null && <p className="text-danger-ink text-xs">{error}</p>}
            </div>
            <PasskeyButton tone="primary" isBusy={isBusy === "passkey"} onPress={usePasskey} />
          </>
        ) : (
          <>
            <form
              noValidate
              className="grid gap-4"
              aria-label="Second step"
              onSubmit={(event) => {
                event.preventDefault();
                void send(String(new FormData(event.currentTarget).get("code") ?? ""));
              }}
            >
              <Field key={way} label={way === "totp" ? "Code" : "Recovery code"} isRequired>
                <Input
                  ref={field}
                  isMono
                  name="code"
                  autoComplete={way === "totp" ? "one-time-code" : "off"}
                  inputMode={way === "totp" ? "numeric" : "text"}
                  maxLength={way === "totp" ? 9 : 60}
                />
              </Field>
              <SubmitPart
                problem={error ?? undefined}
                waitSeconds={seconds}
                isBusy={isBusy === "code"}
                label="Continue"
                busyLabel="Checking"
              />
            </form>
            {kinds.includes("passkey") && (
              <PasskeyButton isBusy={isBusy === "passkey"} onPress={usePasskey} />
            )}
          </>
        )}
        <div className="mt-2 grid justify-items-start gap-1 border-line border-t pt-4">
          {others.map((other) => (
            <Button
              key={other}
              tone="quiet"
              className="-ml-3"
              onClick={() => {
                setError(null);
                setWay(other);
              }}
            >
              {other === "recovery" ? "Use a recovery code" : "Use a code from your app"}
            </Button>
          ))}
          {isSignedIn ? (
            <a href={returnTo} className={buttonClass({ tone: "quiet", className: "-ml-3" })}>
              Not now
            </a>
          ) : (
            <Button tone="quiet" className="-ml-3" onClick={() => void signOutHere()}>
              Sign in as somebody else
            </Button>
          )}
        </div>
        <p className="text-ink-3 text-xs [overflow-wrap:anywhere]">
          As {email}. Everything lost? Somebody who looks after your team can reset your second
          factor.
        </p>
      </div>
    </>
  );
}

function PasskeyButton({
  tone = "plain",
  isBusy,
  onPress,
}: {
  tone?: "plain" | "primary";
  isBusy: boolean;
  onPress: () => Promise<void>;
}) {
  return (
    <Button
      tone={tone}
      isBusy={isBusy}
      busyLabel="Waiting for the browser"
      onClick={() => void onPress()}
    >
      <KeyRound aria-hidden strokeWidth={1.5} />
      Use your passkey
    </Button>
  );
}
