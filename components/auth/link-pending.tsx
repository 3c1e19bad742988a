"use client";

import type { Route } from "next";
import Link from "next/link";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { callApi } from "#components/ui/api.ts";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { Facts } from "#components/ui/panel.tsx";
import type { OfferedWay } from "#lib/auth/schema.ts";

/** Both are proven: the person says whether they belong together. */
export function LinkPending({
  name,
  email,
  person,
  way,
  hasPassword,
}: {
  name: string;
  email: string;
  person: string;
  way: OfferedWay["id"];
  hasPassword: boolean;
}) {
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  return (
    <div className="max-w-measure">
      <h1 className="mb-1 text-xl">Link {name} to your account?</h1>
      <p className="mb-5 text-ink-2 text-md">
        From then on you can sign in with it too. You can remove it in Settings.
      </p>
      <Facts
        className="mb-5"
        items={[
          { name, value: email },
          { name: "Account here", value: person },
        ]}
      />
      {problem !== null && (
        <div role="alert" className="mb-4">
          <FieldError>{problem}</FieldError>
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          tone="primary"
          isBusy={busy !== null}
          busyLabel="Linking"
          onClick={() =>
            void run("link", async () => {
              await callApi("/api/sign-in-ways/pending", null, { method: "POST" });
              window.location.assign(`/settings?linked=${way}`);
              return "leaves";
            })
          }
        >
          Link {name}
        </Button>
        <Link className={buttonClass({})} href={"/settings" as Route}>
          Not now
        </Link>
      </div>
      {dialog}
    </div>
  );
}
