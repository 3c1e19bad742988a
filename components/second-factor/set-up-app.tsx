"use client";

import { useState } from "react";
import { callApi, problemWords } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { CopyField } from "#components/ui/copy-field.tsx";
import { Field, Input } from "#components/ui/field.tsx";
import type { FactorAddedJson, TotpBegunJson } from "#lib/second-factor/schema.ts";

/** Picture and key for an authenticator app, and the code that confirms it. */
export function SetUpApp({
  begun,
  onAdded,
}: {
  begun: TotpBegunJson;
  onAdded: (added: FactorAddedJson) => void;
}) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  return (
    <form
      className="grid gap-4"
      aria-label="Add an authenticator app"
      onSubmit={async (event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const data = new FormData(form);
        setIsBusy(true);
        setError(null);
        try {
          const added = await callApi(
            `/api/second-factor/totp/${begun.factorId}/confirm`,
            async () => (await import("#lib/second-factor/schema.ts")).factorAddedSchema,
            { method: "POST", body: { name: data.get("name"), code: data.get("code") } },
          );
          onAdded(added);
        } catch (cause) {
          setError(problemWords(cause));
          form.querySelector<HTMLInputElement>("[name=code]")?.select();
        } finally {
          setIsBusy(false);
        }
      }}
    >
      <div className="grid gap-4">
        <Picture {...begun.qr} />
        <div className="grid gap-2">
          <p className="text-ink-2 text-xs">Or type this key into the app, as a time-based one:</p>
          <CopyField
            value={begun.secret.replace(/(.{4})(?=.)/g, "$1 ")}
            copies={begun.secret}
            name="the key"
          />
        </div>
      </div>
      <Field label="Name" hint="For your own list">
        <Input name="name" defaultValue="Authenticator app" maxLength={60} required />
      </Field>
      <Field label="Code from the app" error={error} isRequired>
        <Input
          isMono
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={9}
          required
        />
      </Field>
      <div className="flex justify-end">
        <Button type="submit" tone="primary" isBusy={isBusy} busyLabel="Checking">
          Confirm
        </Button>
      </div>
    </form>
  );
}

/** Dark on light in both themes: cameras want it so. */
function Picture({ size, path }: { size: number; path: string }) {
  return (
    <svg
      role="img"
      aria-label="QR code of the key"
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-44 justify-self-center rounded-2 border border-line"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
