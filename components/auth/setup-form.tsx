"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { signIn } from "next-auth/react";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { SubmitPart } from "#components/auth/submit-part.tsx";
import { useWait } from "#components/auth/use-wait.ts";
import { ApiProblem, callApi, problemWords } from "#components/ui/api.ts";
import { Field, Input } from "#components/ui/field.tsx";
import { PASSWORD_MIN_LENGTH, passwordLength, setUpSchema } from "#lib/auth/schema.ts";

type Values = { code: string; name: string; email: string; teamName: string; password: string };

const fields = ["code", "name", "email", "teamName", "password"] as const;

/** Makes the first owner, signs them in, and goes to the integrations. */
export function SetupForm() {
  const form = useForm<Values>({
    defaultValues: { code: "", name: "", email: "", teamName: "", password: "" },
    resolver: zodResolver(setUpSchema),
  });
  const { errors } = form.formState;
  const password = useWatch({ control: form.control, name: "password" });
  const [isBusy, setIsBusy] = useState(false);
  const { seconds, wait } = useWait();

  const showRefusal = (error: unknown) => {
    if (!(error instanceof ApiProblem)) {
      form.setError("root", { message: problemWords(error) });
      return;
    }
    if (error.code === "auth.setup_done") {
      window.location.assign("/sign-in");
      return;
    }
    if (error.code === "auth.setup_code_wrong") {
      form.setError("code", { message: error.message }, { shouldFocus: true });
      return;
    }
    if (error.retryAfterSeconds !== null) wait(error.retryAfterSeconds);
    const known = error.issues.flatMap((issue) => {
      const name = fields.find((field) => field === issue.path);
      return name ? [{ name, message: issue.message }] : [];
    });
    for (const [index, { name, message }] of known.entries()) {
      form.setError(name, { message }, { shouldFocus: index === 0 });
    }
    if (known.length === 0) form.setError("root", { message: error.message });
  };

  const submit = form.handleSubmit(async (values) => {
    if (isBusy || seconds > 0) return;
    setIsBusy(true);
    try {
      await callApi("/api/setup", null, { method: "POST", body: values });
    } catch (error) {
      setIsBusy(false);
      showRefusal(error);
      return;
    }
    const { email, password: given } = values;
    await signIn("credentials", { email, password: given, redirect: false }).catch(() => null);
    // Where signing in did not work, this leads to the sign-in page.
    window.location.assign("/integrations");
  });

  const length = passwordLength(password);
  return (
    <>
      <h1 className="mb-1 text-xl">Set up this studio</h1>
      <p className="mb-6 text-ink-2 text-md">
        You become its first owner. The server printed a one-time code on its terminal when it
        started, beside the address of this page: it shows that the server is yours.
      </p>
      <form noValidate onSubmit={submit} className="grid gap-4" aria-label="Set up this studio">
        <Field
          label="One-time code"
          hint="From the server's terminal"
          error={errors.code?.message}
          isRequired
        >
          <Input isMono autoComplete="one-time-code" {...form.register("code")} />
        </Field>
        <Field label="Your name" error={errors.name?.message} isRequired>
          <Input autoComplete="name" {...form.register("name")} />
        </Field>
        <Field label="E-mail" error={errors.email?.message} isRequired>
          <Input type="email" autoComplete="username" {...form.register("email")} />
        </Field>
        <Field label="Team name" error={errors.teamName?.message} isRequired>
          <Input autoComplete="organization" {...form.register("teamName")} />
        </Field>
        <Field
          label="Password"
          hint={
            <span className="nums">
              {length < PASSWORD_MIN_LENGTH
                ? `${length} of at least ${PASSWORD_MIN_LENGTH} characters`
                : `${length} characters`}
            </span>
          }
          help="Four or five words are easy to remember. Spaces are fine."
          error={errors.password?.message}
          isRequired
        >
          <Input type="password" autoComplete="new-password" {...form.register("password")} />
        </Field>
        <SubmitPart
          problem={errors.root?.message}
          waitSeconds={seconds}
          isBusy={isBusy}
          label="Set up and sign in"
          busyLabel="Setting up"
        />
      </form>
    </>
  );
}
