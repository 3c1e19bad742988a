"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { callApi, problemWords } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Field, FieldError, Help, Input } from "#components/ui/field.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { TeamDomainJson } from "#lib/team/schema.ts";

/** The mail domains whose people join the team by themselves; for admins and owners. */
export function DomainsPanel({ domains }: { domains: readonly TeamDomainJson[] }) {
  const router = useRouter();
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (name: string, work: () => Promise<void>): Promise<boolean> => {
    setBusy(name);
    setProblem(null);
    try {
      await work();
      router.refresh();
      return true;
    } catch (error) {
      setProblem(problemWords(error));
      return false;
    } finally {
      setBusy(null);
    }
  };
  const add = (domain: FormDataEntryValue | null) =>
    run("add", () => callApi("/api/team/domains", null, { method: "POST", body: { domain } }));
  const remove = (id: string) =>
    run(id, () => callApi(`/api/team/domains/${id}`, null, { method: "DELETE" }));
  return (
    <div className="grid gap-3">
      <Help>
        Whoever signs in through an identity provider with a verified address of one of these
        domains joins as a member, without an invitation.
      </Help>
      {domains.length > 0 && (
        <ul className="divide-y divide-line" aria-label="Allowed mail domains">
          {domains.map(({ id, domain, createdAt }) => (
            <li key={id} className="flex items-center gap-3 py-2">
              <div className="min-w-0 flex-1">
                <p className="mono [overflow-wrap:anywhere]">{domain}</p>
                <p className="text-ink-3 text-xs">
                  allowed <RelativeTime at={createdAt} />
                </p>
              </div>
              <Button
                size="sm"
                isBusy={busy === id}
                busyLabel="Removing"
                aria-label={`Remove ${domain}`}
                onClick={() => void remove(id)}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      <form
        className="flex flex-wrap items-end gap-2"
        aria-label="Allow a mail domain"
        onSubmit={async (event) => {
          event.preventDefault();
          const form = event.currentTarget;
          if (await add(new FormData(form).get("domain"))) form.reset();
        }}
      >
        <Field label="Mail domain" className="min-w-52 flex-1">
          <Input name="domain" isMono placeholder="company.example" autoComplete="off" required />
        </Field>
        <Button type="submit" isBusy={busy === "add"} busyLabel="Allowing">
          Allow domain
        </Button>
      </form>
      {problem !== null && (
        <div role="alert">
          <FieldError>{problem}</FieldError>
        </div>
      )}
    </div>
  );
}
