"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { makeKey } from "#components/agents/calls.ts";
import { mcpSnippets, setKeyLines } from "#components/agents/mcp-snippets.ts";
import { SnippetBox } from "#components/agents/snippet-box.tsx";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { Button, type ButtonProps } from "#components/ui/button.tsx";
import { CopyButton, CopyField } from "#components/ui/copy-field.tsx";
import { Dialog, DialogClose } from "#components/ui/dialog.tsx";
import { DialogActions } from "#components/ui/dialog-actions.tsx";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { Field, Input } from "#components/ui/field.tsx";
import { Note } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Select } from "#components/ui/select.tsx";
import type { AgentKeyJson, NewKeyJson } from "#lib/agents/schema.ts";
import { KEY_DAYS_DEFAULT } from "#lib/agents/terms.ts";

const lives = [
  [7, "7 days"],
  [30, "30 days"],
  [90, "90 days"],
  [180, "180 days"],
  [365, "One year"],
] as const;
const overlaps = [
  [0, "At once"],
  [60, "In one hour"],
  [8 * 60, "In 8 hours"],
  [24 * 60, "In 24 hours"],
] as const;

/** Makes a key, or one in another's place, and shows it this one time. */
export function MakeKey({
  agentId,
  replaces = null,
  hasPassword,
  tone = "plain",
}: {
  agentId: string;
  replaces?: AgentKeyJson | null;
  hasPassword: boolean;
  tone?: ButtonProps["tone"];
}) {
  const router = useRouter();
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  const [isOpen, setIsOpen] = useState(false);
  const [made, setMade] = useState<NewKeyJson | null>(null);
  const [name, setName] = useState("");
  const [days, setDays] = useState<number>(KEY_DAYS_DEFAULT);
  const [overlap, setOverlap] = useState<number>(60);
  const verb = replaces === null ? "Make the key" : "Make the new key";
  const toggle = (next: boolean) => {
    setIsOpen(next);
    if (next) setName(replaces?.name ?? "");
    else if (made !== null) {
      // Nothing of it stays in the page.
      setMade(null);
      router.refresh();
    }
  };
  return (
    <>
      <Dialog
        isOpen={isOpen}
        onOpenChange={toggle}
        title={
          made !== null
            ? "Copy the key now"
            : replaces === null
              ? "Make a key"
              : `Rotate ${replaces.name}`
        }
        {...(made === null &&
          replaces !== null && {
            description:
              "A new key takes its place. The old one goes on until the time you choose, then ends by itself.",
          })}
        trigger={
          replaces === null ? (
            <Button tone={tone} size={tone === "primary" ? "md" : "sm"}>
              Make a key
            </Button>
          ) : (
            <Button size="sm">
              Rotate<span className="sr-only"> {replaces.name}</span>
            </Button>
          )
        }
      >
        {made !== null ? (
          <div className="grid gap-4">
            <CopyField value={made.key} name="the key" />
            <Disclosure summary="Set it up now">
              <div className="mt-3 grid grid-cols-[minmax(0,1fr)] gap-4">
                <SnippetBox legend="System" snippets={setKeyLines(made.key)} />
                <SnippetBox
                  legend="Client"
                  snippets={mcpSnippets({ studioUrl: window.location.origin, key: made.key })}
                />
              </div>
            </Disclosure>
            <Note>
              This is the one time it is shown: the studio keeps a keyed hash of it and cannot show
              it again. It ends{" "}
              {made.expiresAt === null ? "never" : <RelativeTime at={made.expiresAt} />}.
            </Note>
            <div className="flex flex-wrap justify-end gap-2">
              <DialogClose asChild>
                <Button tone="quiet">I have it</Button>
              </DialogClose>
              <CopyButton value={made.key} label="Copy the key" tone="primary" />
            </div>
          </div>
        ) : (
          <form
            aria-label={replaces === null ? "Make a key" : `Rotate ${replaces.name}`}
            className="grid gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              void run("make", async () => {
                setMade(
                  await makeKey(agentId, {
                    name: name.trim() === "" ? "Key" : name,
                    expiresInDays: days,
                    ...(replaces !== null && {
                      replaces: { keyId: replaces.id, overlapMinutes: overlap },
                    }),
                  }),
                );
              });
            }}
          >
            <Field label="Name" hint="Optional" help="Where it will be: Laptop, Build server.">
              <Input
                value={name}
                maxLength={80}
                autoComplete="off"
                onChange={(event) => setName(event.target.value)}
              />
            </Field>
            <Field label="Ends after">
              <Select
                className="h-9"
                value={days}
                onChange={(event) => setDays(Number(event.target.value))}
              >
                {lives.map(([value, words]) => (
                  <option key={value} value={value}>
                    {words}
                  </option>
                ))}
              </Select>
            </Field>
            {replaces !== null && (
              <Field label="The old key ends">
                <Select
                  className="h-9"
                  value={overlap}
                  onChange={(event) => setOverlap(Number(event.target.value))}
                >
                  {overlaps.map(([value, words]) => (
                    <option key={value} value={value}>
                      {words}
                    </option>
                  ))}
                </Select>
              </Field>
            )}
            <DialogActions problem={problem} isBusy={busy === "make"} busyLabel="Making the key">
              {verb}
            </DialogActions>
          </form>
        )}
      </Dialog>
      {dialog}
    </>
  );
}
