import { CheckCard, ChoiceGroup } from "#components/ui/choice-cards.tsx";
import { FieldError } from "#components/ui/field.tsx";
import type { Surface } from "#lib/providers/vocabulary.ts";

/** Web, desktop or both: the redirect URIs an app has registered. */
export function SurfacePicker({
  value,
  onChange,
  error,
  desktopWords,
}: {
  value: readonly Surface[];
  onChange: (surfaces: Surface[]) => void;
  error: string | undefined;
  desktopWords: string;
}) {
  const toggle = (surface: Surface, isOn: boolean) =>
    onChange(isOn ? [...value, surface] : value.filter((other) => other !== surface));
  return (
    <ChoiceGroup
      legend="Where your team signs in"
      error={
        error === undefined ? undefined : (
          <div className="mt-1.5">
            <FieldError>{error}</FieldError>
          </div>
        )
      }
    >
      <CheckCard
        title="Web"
        description="This studio in a browser"
        checked={value.includes("web")}
        onChange={(event) => toggle("web", event.target.checked)}
        aria-invalid={error !== undefined || undefined}
      />
      <CheckCard
        title="Desktop"
        description={desktopWords}
        checked={value.includes("desktop")}
        onChange={(event) => toggle("desktop", event.target.checked)}
      />
    </ChoiceGroup>
  );
}
