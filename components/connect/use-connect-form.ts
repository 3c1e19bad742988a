"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";
import { beginFlow, flowPath, openSignInWindow } from "#components/connect/begin-flow.ts";
import { patchOf } from "#components/connect/edit-rules.ts";
import { createConnection, editConnection } from "#components/connect/queries.ts";
import { announceConnectionsChanged } from "#components/connections/use-live-connections.ts";
import { ApiProblem, problemWords } from "#components/ui/api.ts";
import { sayDone } from "#components/ui/toast.ts";
import type { ConnectionDefinition, ConnectionJson } from "#lib/connections/schema.ts";

/** What is edited, and what its editor is told that saving ends. */
export type Editing = { connection: ConnectionJson; voids: number; removesSecret: boolean };

type Parse = (value: unknown) => { success: true; data: ConnectionDefinition } | { success: false };

/**
 * Saves a definition and begins its sign-in in one press. The window is opened inside the click, so
 * only when the form is right. What is typed stays on any refusal; a refused field gets the words and
 * the focus. A connection saved by an earlier press is used again, not made twice.
 *
 * @param parse - the form's schema over what would be sent
 * @param editing - saves over this connection in place of making one, and signs nobody in
 */
export function useConnectForm<Values extends FieldValues>(
  form: UseFormReturn<Values>,
  parse: Parse,
  toDefinition: (values: Values) => unknown,
  editing: Editing | null = null,
): { isBusy: boolean; submit: (event: React.FormEvent) => void } {
  const router = useRouter();
  const [isBusy, setIsBusy] = useState(false);
  const [saved, setSaved] = useState<{ text: string; connection: ConnectionJson } | null>(null);

  const showRefusal = (error: unknown) => {
    const issues = error instanceof ApiProblem ? error.issues : [];
    const names = Object.keys(form.getValues());
    const known = issues.filter((issue) => names.includes(issue.path));
    for (const [index, issue] of known.entries()) {
      form.setError(
        issue.path as FieldPath<Values>,
        { type: "server", message: issue.message },
        { shouldFocus: index === 0 },
      );
    }
    const rest = issues.find((issue) => !names.includes(issue.path));
    if (known.length === 0)
      form.setError("root", { message: rest?.message ?? problemWords(error) });
  };

  const run = async (definition: ConnectionDefinition, opened: Window | null) => {
    const text = JSON.stringify(definition);
    try {
      const connection =
        saved?.text === text ? saved.connection : await createConnection(definition);
      setSaved({ text, connection });
      if (!canSignInHere(definition)) {
        router.push(`/integrations/${connection.id}` as Route);
        return;
      }
      const surface = definition.surfaces.includes("web") ? "web" : "desktop";
      const flow = { connectionId: connection.id, surface, ...askedFor(connection.id) } as const;
      router.push(flowPath(await beginFlow(flow, opened)));
    } catch (error) {
      opened?.close();
      setIsBusy(false);
      showRefusal(error);
    }
  };

  const saveEdit = async (definition: ConnectionDefinition, { connection, ...edit }: Editing) => {
    try {
      await editConnection(connection.id, patchOf(connection, definition, edit));
      announceConnectionsChanged();
      sayDone(`${definition.name} was saved`);
      router.push(`/integrations/${connection.id}` as Route);
      router.refresh();
    } catch (error) {
      setIsBusy(false);
      showRefusal(error);
      // What is typed stays; beside it stands what is there now, and the next press saves over that.
      if (error instanceof ApiProblem && error.status === 409) router.refresh();
    }
  };

  return {
    isBusy,
    submit(event) {
      event.preventDefault();
      if (isBusy) return;
      form.clearErrors();
      const checked = parse(toDefinition(form.getValues()));
      if (!checked.success) {
        const element = event.currentTarget;
        void form
          .handleSubmit(() => undefined)()
          .then(() => focusFirstError(element));
        return;
      }
      setIsBusy(true);
      if (editing) {
        void saveEdit(checked.data, editing);
        return;
      }
      void run(checked.data, canSignInHere(checked.data) ? openSignInWindow() : null);
    },
  };
}

/** An agent asked for it: back to its request, with the connection that was made for it. */
function askedFor(connectionId: string): { returnTo?: string } {
  const request = new URLSearchParams(window.location.search).get("request");
  if (request === null || !/^[0-9a-f-]{36}$/.test(request)) return {};
  return { returnTo: `/agents/requests?request=${request}&connection=${connectionId}` };
}

/** The first in the order of the page; groups of cards are not among the form's own fields. */
function focusFirstError(form: EventTarget): void {
  requestAnimationFrame(() => {
    if (form instanceof HTMLElement) {
      form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    }
  });
}

/** Salesforce's desktop address is the companion's own machine; a browser alone cannot end there. */
export function canSignInHere(
  definition: Pick<ConnectionDefinition, "provider" | "surfaces">,
): boolean {
  return definition.provider === "marketing-cloud" || definition.surfaces.includes("web");
}
