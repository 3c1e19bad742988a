"use client";

import { useState } from "react";
import { CheckChip } from "#components/ui/checkbox.tsx";
import { Field, FieldError, Help, Input } from "#components/ui/field.tsx";
import { requiredSalesforceScopes, salesforceScopes } from "#lib/providers/salesforce/scopes.ts";

const known = salesforceScopes.map(({ scope }) => scope);
const required: readonly string[] = requiredSalesforceScopes;

/** Each scope explained in a line; what is not listed can be typed. */
export function SalesforceScopes({
  value,
  onChange,
  error,
}: {
  value: readonly string[];
  onChange: (scopes: string[]) => void;
  error: string | undefined;
}) {
  const [others, setOthers] = useState(() =>
    value.filter((scope) => !known.includes(scope)).join(" "),
  );
  const report = (chosen: ReadonlySet<string>, typed: string) =>
    onChange([
      ...known.filter((scope) => chosen.has(scope) || required.includes(scope)),
      ...new Set(typed.split(/[\s,]+/).filter((scope) => scope !== "" && !known.includes(scope))),
    ]);
  const toggle = (scope: string, isOn: boolean) => {
    const chosen = new Set(value);
    if (isOn) chosen.add(scope);
    else chosen.delete(scope);
    report(chosen, others);
  };
  return (
    <>
      <div>
        {salesforceScopes.map(({ scope, label, purpose }) => {
          const isRequired = required.includes(scope);
          return (
            <div
              key={scope}
              className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 border-line py-2 not-first:border-t"
            >
              <div>
                <span className="font-label">{label}</span>{" "}
                <span className="mono text-ink-3">{scope}</span>
                <Help>{purpose}</Help>
              </div>
              <CheckChip
                label={isRequired ? "always" : "ask"}
                aria-label={`${label}, ${scope}`}
                checked={isRequired || value.includes(scope)}
                disabled={isRequired}
                onChange={(event) => toggle(scope, event.target.checked)}
              />
            </div>
          );
        })}
      </div>
      <Field
        className="mt-3"
        label="Other scopes"
        hint="Optional, with spaces between"
        help="As Salesforce writes them, for example visualforce"
      >
        <Input
          isMono
          value={others}
          autoComplete="off"
          onChange={(event) => {
            setOthers(event.target.value);
            report(new Set(value), event.target.value);
          }}
        />
      </Field>
      {error !== undefined && (
        <div className="mt-2" role="alert">
          <FieldError>{error}</FieldError>
        </div>
      )}
    </>
  );
}
