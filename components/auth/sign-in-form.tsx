"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { signIn } from "next-auth/react";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { SubmitPart } from "#components/auth/submit-part.tsx";
import { useWait } from "#components/auth/use-wait.ts";
import { Field, Input } from "#components/ui/field.tsx";
import { parseSignInError, signInSchema } from "#lib/auth/schema.ts";

type Values = { email: string; password: string };

/** @param props.returnTo - a known path of ours, checked by the page */
export function SignInForm({ returnTo }: { returnTo: string }) {
  const form = useForm<Values>({
    defaultValues: { email: "", password: "" },
    resolver: zodResolver(signInSchema),
  });
  const { errors } = form.formState;
  const [isBusy, setIsBusy] = useState(false);
  const { seconds, wait } = useWait();

  const submit = form.handleSubmit(async ({ email, password }) => {
    if (isBusy || seconds > 0) return;
    setIsBusy(true);
    const answer = await signIn("credentials", { email, password, redirect: false }).catch(
      () => null,
    );
    if (answer?.ok && !answer.error) {
      // A whole load: everything before belonged to nobody.
      window.location.assign(returnTo);
      return;
    }
    setIsBusy(false);
    const failure = parseSignInError(answer?.error);
    if (failure.reason === "throttled") wait(failure.afterSeconds);
    form.setError("root", {
      message: {
        // The same words whether the address is known or not (WEB-1).
        wrong: "E-mail and password do not match. Check both, then try again.",
        throttled: "There were too many attempts.",
        server_error: "The studio could not sign you in just now. Try again in a moment.",
      }[failure.reason],
    });
    if (failure.reason === "wrong") form.setFocus("password");
  });

  return (
    <form noValidate onSubmit={submit} className="grid gap-4" aria-label="Sign in">
      <Field label="E-mail" error={errors.email?.message} isRequired>
        <Input type="email" autoComplete="username" {...form.register("email")} />
      </Field>
      <Field label="Password" error={errors.password?.message} isRequired>
        <Input type="password" autoComplete="current-password" {...form.register("password")} />
      </Field>
      <SubmitPart
        problem={errors.root?.message}
        waitSeconds={seconds}
        isBusy={isBusy}
        label="Sign in"
        busyLabel="Signing in"
      />
    </form>
  );
}
