import { CheckChip } from "#components/ui/checkbox.tsx";
import { CopyButton } from "#components/ui/copy-field.tsx";
import { FieldError, Help } from "#components/ui/field.tsx";
import { Section } from "#components/ui/panel.tsx";
import {
  knownScopes,
  marketingCloudScopeGroups,
  requiredMarketingCloudScopes,
} from "#lib/providers/marketing-cloud/scopes.ts";

/** One line a family, one chip a scope, in the provider's own strings. */
export function MarketingCloudScopes({
  value,
  onChange,
  error,
}: {
  value: readonly string[];
  onChange: (scopes: string[]) => void;
  error: string | undefined;
}) {
  const required: readonly string[] = requiredMarketingCloudScopes;
  const toggle = (scope: string, isOn: boolean) => {
    const wanted = new Set(value);
    if (isOn) wanted.add(scope);
    else wanted.delete(scope);
    const unlisted = value.filter((other) => !knownScopes.includes(other));
    onChange([...knownScopes.filter((known) => wanted.has(known)), ...unlisted]);
  };
  return (
    <Section
      isLast
      title="Scopes"
      aside={`${value.length} of ${knownScopes.length}, tick the same ones in the package`}
    >
      {marketingCloudScopeGroups.map((group) => (
        <fieldset
          key={group.family}
          className="grid min-w-0 items-center gap-x-4 gap-y-1.5 border-line py-2 not-first-of-type:border-t md:grid-cols-[minmax(0,1fr)_auto]"
        >
          <legend className="sr-only">{group.label}</legend>
          <div>
            <span className="font-label">{group.label}</span>{" "}
            <span className="mono text-ink-3">{group.family}</span>
            <Help>{group.purpose}</Help>
          </div>
          <div className="flex flex-wrap gap-1">
            {group.scopes.map(({ scope, chip }) => (
              <CheckChip
                key={scope}
                label={chip}
                title={scope}
                aria-label={`${group.label}: ${chip}`}
                checked={value.includes(scope) || required.includes(scope)}
                disabled={required.includes(scope)}
                onChange={(event) => toggle(scope, event.target.checked)}
              />
            ))}
          </div>
        </fieldset>
      ))}
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <CopyButton value={value.join("\n")} label="Copy the scopes as a list" size="sm" />
        {error !== undefined && <FieldError>{error}</FieldError>}
      </div>
    </Section>
  );
}
