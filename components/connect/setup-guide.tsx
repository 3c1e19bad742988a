import { AppWindow, ExternalLink, Monitor } from "lucide-react";
import { Badge } from "#components/ui/badge.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import { Checklist } from "#components/ui/checklist.tsx";
import { CopyButton, CopyField } from "#components/ui/copy-field.tsx";
import { Help } from "#components/ui/field.tsx";
import { Card } from "#components/ui/panel.tsx";
import { type ChecklistStep, checklistAsText, checklistFor } from "#lib/connections/checklists.ts";
import type { ConnectionMethod } from "#lib/connections/schema.ts";
import type { Surface } from "#lib/providers/vocabulary.ts";

type GuideFacts = {
  surfaces: readonly Surface[];
  redirectUris: { web: string; desktop: string };
  scopes: readonly string[];
  installUrl: string | null;
};

/** What an admin does in the provider's Setup, with the exact texts to carry there. */
export function SetupGuide({ method, facts }: { method: ConnectionMethod; facts: GuideFacts }) {
  const checklist = checklistFor(method);
  const shown = (["web", "desktop"] as const).filter((surface) => facts.surfaces.includes(surface));
  const redirectUris = shown.map((surface) => facts.redirectUris[surface]);
  const asText = checklistAsText(checklist, { ...facts, redirectUris });
  return (
    <div id="checklist" className="scroll-mt-20">
      <Card className="px-4 pt-4 pb-4">
        <h2 className="mb-0.5 text-md">{checklist.title}</h2>
        <Help className="mb-4">{checklist.path}</Help>
        <Checklist
          items={checklist.steps.map((step) => ({
            title: step.title,
            children: (
              <>
                <p>{step.text}</p>
                <StepTexts step={step} surfaces={shown} facts={facts} />
              </>
            ),
          }))}
        />
      </Card>
      {method !== "quick" && (
        <div className="mt-3 flex flex-wrap items-center gap-2 text-ink-3 text-xs">
          Not the admin?
          <CopyButton value={asText} label="Copy this checklist" size="sm" />
        </div>
      )}
    </div>
  );
}

function StepTexts({
  step,
  surfaces,
  facts,
}: {
  step: ChecklistStep;
  surfaces: readonly Surface[];
  facts: GuideFacts;
}) {
  if (step.shows === "redirect-uris") {
    return surfaces.map((surface) => (
      <div key={surface} className="mt-2">
        <SurfaceBadge surface={surface} />
        <CopyField
          className="mt-1 text-ink"
          value={facts.redirectUris[surface]}
          name={`the ${surface} redirect URI`}
        />
      </div>
    ));
  }
  if (step.shows === "scopes") {
    return (
      <div className="mt-1.5">
        <CopyButton
          value={facts.scopes.join("\n")}
          label={`Copy the ${facts.scopes.length} scopes as a list`}
          size="sm"
        />
      </div>
    );
  }
  if (step.shows === "install-link" && facts.installUrl !== null) {
    return (
      <>
        <div className="mt-2 flex flex-wrap gap-2">
          <a
            className={buttonClass({ size: "sm" })}
            href={facts.installUrl}
            target="_blank"
            rel="noopener noreferrer"
          >
            <ExternalLink aria-hidden strokeWidth={1.5} />
            Open install page
            <span className="sr-only"> (opens another window)</span>
          </a>
        </div>
        <CopyField className="mt-2 text-ink" value={facts.installUrl} name="the install link" />
      </>
    );
  }
  return null;
}

function SurfaceBadge({ surface }: { surface: Surface }) {
  const Mark = surface === "web" ? AppWindow : Monitor;
  return (
    <Badge>
      <Mark aria-hidden strokeWidth={1.5} />
      {surface === "web" ? "Web" : "Desktop"}
    </Badge>
  );
}
