import type { ReactNode } from "react";
import type { Login } from "#components/connect/salesforce-login.ts";
import { ChoiceGroup, RadioCard } from "#components/ui/choice-cards.tsx";
import { EnvironmentMark } from "#components/ui/environment-badge.tsx";
import { Help } from "#components/ui/field.tsx";
import type { Environment } from "#lib/providers/vocabulary.ts";

const choices: readonly { environment: Environment; title: string; text: string; ink: string }[] = [
  {
    environment: "production",
    title: "Production",
    text: "Live, developer and trial orgs",
    ink: "text-env-production-ink",
  },
  {
    environment: "sandbox",
    title: "Sandbox",
    text: "Sandboxes and scratch orgs",
    ink: "text-env-sandbox-ink",
  },
  {
    environment: "custom",
    title: "Custom Domain",
    text: "Any org, by its My Domain",
    ink: "text-env-custom-ink",
  },
  {
    environment: "demo",
    title: "Demo",
    text: "A made-up org, no account needed",
    ink: "text-env-demo-ink",
  },
];

/** Which kind of org, with the host this leads to shown at once. */
export function EnvironmentPicker({
  environment,
  hasDemo,
  demoOrigin,
  login,
  onEnvironment,
  domainField,
}: {
  environment: Environment;
  hasDemo: boolean;
  demoOrigin: string | null;
  login: Login;
  onEnvironment: (environment: Environment) => void;
  /** Asked for with Custom Domain. */
  domainField: ReactNode;
}) {
  const shown = choices.filter((choice) => hasDemo || choice.environment !== "demo");
  return (
    <>
      <ChoiceGroup legend="Environment" columns={hasDemo ? 4 : 3}>
        {shown.map(({ environment: name, title, text, ink }) => (
          <RadioCard
            key={name}
            name="environment"
            value={name}
            title={
              <span className="flex items-center gap-1.5">
                <span className={ink}>
                  <EnvironmentMark environment={name} />
                </span>
                {title}
              </span>
            }
            description={text}
            checked={environment === name}
            onChange={() => onEnvironment(name)}
          />
        ))}
      </ChoiceGroup>
      {environment === "custom" && domainField}
      <Help className="mt-3">
        <span role="status">
          {login.ok ? (
            <>
              Signs in at{" "}
              <span className="mono text-ink-2 [overflow-wrap:anywhere]">
                {environment === "demo" && demoOrigin !== null
                  ? `${demoOrigin}/${login.host}`
                  : login.host}
              </span>
            </>
          ) : (
            login.message
          )}
        </span>
      </Help>
    </>
  );
}
