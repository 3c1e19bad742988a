"use client";

import { signIn } from "next-auth/react";
import { useState } from "react";
import { SubmitPart } from "#components/auth/submit-part.tsx";
import { useWait } from "#components/auth/use-wait.ts";
import { ApiProblem, callApi, problemWords } from "#components/ui/api.ts";
import { Field, Input } from "#components/ui/field.tsx";

const SHORTEST_PASSWORD = 15;

/** Makes the account of the invited address, or proves the one that it has, and signs in. */
export function AcceptForm({
  token,
  email,
  hasAccount,
}: {
  token: string;
  email: string;
  hasAccount: boolean;
}) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const { seconds, wait } = useWait();
  const length = [...password].length;

  const submit = async () => {
    if (isBusy || seconds > 0) return;
    setIsBusy(true);
    setErrors({});
    try {
      const body = { token, name, password };
      await callApi("/api/invitations/accept", null, { method: "POST", body });
    } catch (error) {
      setIsBusy(false);
      const issues = error instanceof ApiProblem ? error.issues : [];
      const known = issues.filter(({ path }) => path === "name" || path === "password");
      setErrors(
        known.length > 0
          ? Object.fromEntries(known.map(({ path, message }) => [path, message]))
          : { root: problemWords(error) },
      );
      if (error instanceof ApiProblem && error.retryAfterSeconds !== null) {
        wait(error.retryAfterSeconds);
      }
      return;
    }
    await signIn("credentials", { email, password, redirect: false }).catch(() => null);
    // Where signing in did not work, or wants its second step, this leads to that page.
    window.location.assign("/integrations");
  };

  return (
    <form
      noValidate
      className="grid gap-4"
      aria-label="Accept the invitation"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {hasAccount && (
        <p className="text-ink-2">
          This address has an account here already: its password lets you join.
        </p>
      )}
      <Field label="E-mail" help="The invitation is for this address alone.">
        <Input type="email" autoComplete="username" value={email} readOnly />
      </Field>
      {!hasAccount && (
        <Field label="Your name" error={errors.name} isRequired>
          <Input
            autoComplete="name"
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
      )}
      <Field
        label="Password"
        {...(!hasAccount && {
          hint: (
            <span className="nums">
              {length < SHORTEST_PASSWORD
                ? `${length} of at least ${SHORTEST_PASSWORD} characters`
                : `${length} characters`}
            </span>
          ),
          help: "Four or five words are easy to remember. Spaces are fine.",
        })}
        error={errors.password}
        isRequired
      >
        <Input
          type="password"
          autoComplete={hasAccount ? "current-password" : "new-password"}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <SubmitPart
        problem={errors.root}
        waitSeconds={seconds}
        isBusy={isBusy}
        label={hasAccount ? "Join and sign in" : "Make my account and join"}
        busyLabel="Joining"
      />
    </form>
  );
}
