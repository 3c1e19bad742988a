"use client";

import { type ReactElement, type ReactNode, useId } from "react";
import { LazyEditor } from "#components/explorer/lazy-editor.tsx";
import type { FormValues, SchemaField } from "#components/explorer/schema-fields.ts";
import { SoqlEditor } from "#components/explorer/soql-editor.tsx";
import { CheckboxLine } from "#components/ui/checkbox.tsx";
import { Field, FieldError, Help, Input } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";

type Props = {
  connectionId: string;
  fields: readonly SchemaField[];
  values: FormValues;
  errors: Readonly<Record<string, string>>;
  onChange(name: string, value: string | boolean): void;
  onRun(): void;
};

/** The fields of one operation, as its input schema has them. */
export function OperationFields({ fields, ...rest }: Props) {
  if (fields.length === 0) return <Help>This needs no input.</Help>;
  return (
    <div className="grid grid-cols-1 gap-x-5 gap-y-4 md:grid-cols-2">
      {fields.map((field) => (
        <OneField key={field.name} field={field} {...rest} />
      ))}
    </div>
  );
}

function OneField({
  connectionId,
  field,
  values,
  errors,
  onChange,
  onRun,
}: Omit<Props, "fields"> & { field: SchemaField }) {
  const { name, label, help, isRequired, kind, choices } = field;
  const value = values[name] ?? "";
  const error = errors[name];
  const text = typeof value === "string" ? value : "";
  const set = (next: string | boolean) => onChange(name, next);
  const words = {
    label,
    isRequired,
    ...(help === null ? {} : { help: withCode(help) }),
    ...(error === undefined ? {} : { error }),
    ...(isRequired ? {} : { hint: "Optional" }),
  };
  if (kind === "boolean") {
    return (
      <CheckboxLine
        label={label}
        {...(help === null ? {} : { help: withCode(help) })}
        checked={value === true}
        onChange={(event) => set(event.currentTarget.checked)}
      />
    );
  }
  if (kind === "json" || (kind === "text" && name === "soql")) {
    return (
      <EditorField words={words}>
        {(wiring) =>
          kind === "json" ? (
            <LazyEditor {...wiring} language="json" value={text} onChange={set} onRun={onRun} />
          ) : (
            <SoqlEditor
              {...wiring}
              connectionId={connectionId}
              value={text}
              onChange={set}
              onRun={onRun}
            />
          )
        }
      </EditorField>
    );
  }
  if (kind === "choice") {
    return (
      <Field {...words}>
        <Select className="h-9" value={text} onChange={(event) => set(event.currentTarget.value)}>
          {!isRequired && <option value="">Not set</option>}
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </Select>
      </Field>
    );
  }
  if (kind === "text") {
    return (
      <Field {...words} className="md:col-span-2">
        <textarea
          rows={3}
          className="mono w-full min-w-0 rounded-2 border border-line-control bg-raised px-2.5 py-2 text-ink text-sm transition-colors duration-hover hover:border-ink-3 aria-invalid:border-danger-solid"
          value={text}
          onChange={(event) => set(event.currentTarget.value)}
        />
      </Field>
    );
  }
  return (
    <Field {...words}>
      <Input
        isMono={kind === "line" && isCode(name)}
        inputMode={kind === "number" ? "decimal" : "text"}
        autoComplete="off"
        value={text}
        onChange={(event) => set(event.currentTarget.value)}
      />
    </Field>
  );
}

/** Ids and keys are read letter by letter; words are not. */
const isCode = (name: string): boolean => /(^|[a-z])(id|key|ids|keys|field)$/i.test(name);

/** What a schema's words put between backticks is a name of a program's. */
const withCode = (help: string): ReactNode =>
  help.split("`").map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      <code key={part} className="mono">
        {part}
      </code>
    ),
  );

type Wiring = { id: string; label: string; isInvalid: boolean; describedBy: string | undefined };

/** As `Field`, for an editor that is no form control of the platform. */
function EditorField({
  words,
  children,
}: {
  words: { label: string; help?: ReactNode; error?: string; hint?: string };
  children: (wiring: Wiring) => ReactElement;
}) {
  const id = useId();
  const { label, help, error, hint } = words;
  const describedBy = [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(" ");
  return (
    <div className="grid min-w-0 content-start gap-1.5 md:col-span-2">
      <div className="flex items-baseline gap-2">
        <span className="font-label text-sm">{label}</span>
        {hint && <span className="ml-auto text-ink-3 text-xs">{hint}</span>}
      </div>
      {children({ id, label, isInvalid: Boolean(error), describedBy: describedBy || undefined })}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
      {help && <Help id={`${id}-help`}>{help}</Help>}
    </div>
  );
}
