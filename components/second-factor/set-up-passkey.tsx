"use client";

import { useState } from "react";
import type { PasskeyOptions } from "#components/second-factor/passkey.ts";
import { problemWords } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Field, FieldError, Input } from "#components/ui/field.tsx";
import type { FactorAddedJson } from "#lib/second-factor/schema.ts";

/** Asks what to call a passkey, then the browser for it. */
export function SetUpPasskey({
  options,
  onAdded,
}: {
  options: PasskeyOptions;
  onAdded: (added: FactorAddedJson) => void;
}) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  return (
    <form
      className="grid gap-4"
      aria-label="Add a passkey"
      onSubmit={async (event) => {
        event.preventDefault();
        const name = String(new FormData(event.currentTarget).get("name"));
        setIsBusy(true);
        setError(null);
        const { addPasskeyHere, NoPasskeyError } = await import(
          "#components/second-factor/passkey.ts"
        );
        try {
          onAdded(await addPasskeyHere(options, name));
        } catch (cause) {
          setError(
            cause instanceof NoPasskeyError
              ? "The browser made no passkey. Perhaps this device has one for the studio already, or the time ran out."
              : problemWords(cause),
          );
        } finally {
          setIsBusy(false);
        }
      }}
    >
      <Field label="Name" hint="For your own list">
        <Input name="name" defaultValue="Passkey" maxLength={60} required />
      </Field>
      {error !== null && (
        <div role="alert">
          <FieldError>{error}</FieldError>
        </div>
      )}
      <div className="flex justify-end">
        <Button type="submit" tone="primary" isBusy={isBusy} busyLabel="Waiting for the browser">
          Continue
        </Button>
      </div>
    </form>
  );
}
