"use client";

import { Play, Send } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useEffect, useMemo, useRef, useState } from "react";
import { OperationFields } from "#components/explorer/operation-form.tsx";
import { runOperation } from "#components/explorer/queries.ts";
import { ResultView } from "#components/explorer/result-view.tsx";
import { fieldsOf, inputOf, valuesOf } from "#components/explorer/schema-fields.ts";
import { ApiProblem, problemWords } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { EffectBadge } from "#components/ui/effect-badge.tsx";
import { FieldError, Help } from "#components/ui/field.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { OperationJson } from "#lib/operations/schema.ts";

type Answer = { result: unknown; rows: number; tookMs: number };
type Failure = { words: string; requestId: string | null };

/** One operation: its form, Run, and what came of it. A write becomes a plan, and opens as one. */
export function OperationPanel({
  connection,
  operation,
}: {
  connection: { id: string; name: string };
  operation: OperationJson;
}) {
  const router = useRouter();
  // Where an answer goes on is asked for by its own button.
  const fields = useMemo(
    () => fieldsOf(operation.input).filter(({ name }) => name !== "next"),
    [operation],
  );
  const hasEditor = fields.some(({ kind, name }) => kind === "json" || name === "soql");
  const [values, setValues] = useState(() => valuesOf(fields, operation.example));
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [failure, setFailure] = useState<Failure | null>(null);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);
  const isRead = operation.effect === "read";

  async function run(further: Record<string, unknown> = {}): Promise<void> {
    const said = inputOf(fields, values);
    if (said.kind === "refused") return setErrors(said.errors);
    running.current?.abort();
    const own = new AbortController();
    running.current = own;
    setErrors({});
    setFailure(null);
    setIsBusy(true);
    const began = performance.now();
    try {
      const ran = await runOperation(
        operation.id,
        { connectionId: connection.id, input: { ...said.input, ...further } },
        own.signal,
      );
      if (ran.kind === "plan") return router.push(`/plans/${ran.planId}` as Route);
      setAnswer({ ...ran.answer, tookMs: Math.round(performance.now() - began) });
    } catch (error) {
      if (own.signal.aborted) return;
      const byField = issuesByField(error, fields);
      setErrors(byField);
      const isProblem = error instanceof ApiProblem;
      if (Object.keys(byField).length === 0)
        setFailure({ words: problemWords(error), requestId: isProblem ? error.requestId : null });
    } finally {
      if (running.current === own) setIsBusy(false);
    }
  }

  return (
    <div className="grid gap-5">
      <div>
        <h2 className="flex flex-wrap items-center gap-2 text-lg">
          {operation.title}
          <EffectBadge effect={operation.effect} />
        </h2>
        <p className="mt-1 max-w-measure text-ink-2">{operation.description}</p>
      </div>
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <OperationFields
          connectionId={connection.id}
          fields={fields}
          values={values}
          errors={errors}
          onChange={(name, value) => setValues((now) => ({ ...now, [name]: value }))}
          onRun={() => void run()}
        />
        <div className="flex flex-wrap items-center gap-3">
          <Button
            tone="primary"
            type="submit"
            isBusy={isBusy}
            busyLabel={isRead ? "Running" : "Preparing"}
          >
            {isRead ? <Play aria-hidden /> : <Send aria-hidden />}
            {isRead ? "Run" : "Prepare a plan"}
          </Button>
          {isBusy && (
            <Button
              tone="quiet"
              onClick={() => {
                running.current?.abort();
                setIsBusy(false);
              }}
            >
              Stop
            </Button>
          )}
          <Help className="max-md:hidden">
            {isRead
              ? hasEditor && (
                  <>
                    <Kbd>⌘</Kbd> <Kbd>Enter</Kbd> in an editor runs it too.
                  </>
                )
              : `Nothing changes in ${connection.name} yet: you see what would, and approve it.`}
          </Help>
        </div>
      </form>
      {failure && (
        <Panel tone="danger" role="alert">
          <FieldError>{failure.words}</FieldError>
          {failure.requestId && (
            <p className="mono mt-2 text-ink-3 text-xs">Request {failure.requestId}</p>
          )}
        </Panel>
      )}
      {answer && (
        <ResultView
          title={`${operation.title} ${connection.name}`}
          {...answer}
          isBusy={isBusy}
          onMore={(next) => void run(next)}
        />
      )}
    </div>
  );
}

/** What the operation's own schema refused, at the form's fields. */
function issuesByField(
  error: unknown,
  fields: readonly { name: string }[],
): Record<string, string> {
  if (!(error instanceof ApiProblem)) return {};
  const found: Record<string, string> = {};
  for (const { path, message } of error.issues) {
    const [name = "", ...inner] = path.split(".").filter((part) => part !== "input");
    if (!fields.some((field) => field.name === name)) continue;
    found[name] ??= inner.length === 0 ? message : `${inner.join(".")}: ${message}`;
  }
  return found;
}
