import { Badge } from "#components/ui/badge.tsx";
import { ChoiceGroup, RadioCard } from "#components/ui/choice-cards.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { ConnectOptions } from "#lib/connections/schema.ts";
import type { Environment } from "#lib/providers/vocabulary.ts";

export type SalesforceMethod = "quick" | "custom-app" | "packaged-app";

const methods: readonly {
  method: SalesforceMethod;
  title: string;
  text: string;
  badge?: string;
}[] = [
  {
    method: "quick",
    title: "Quick Connect",
    text: "Sign in and approve. No set-up, no package.",
    badge: "preferred",
  },
  {
    method: "custom-app",
    title: "Custom app",
    text: "Your own External Client App: you decide its scopes and policies.",
  },
  {
    method: "packaged-app",
    title: "MeshMesh app",
    text: "A package an admin installs once, then everyone in the org connects.",
    badge: "pre-release",
  },
];

/** Setting that the operator has to make before a method works here; null when it works. */
export function missingSetting(
  options: ConnectOptions,
  method: SalesforceMethod,
  environment: Environment,
): string | null {
  // The demo knows its own app.
  if (environment === "demo") return null;
  if (method === "quick" && !options.quickConnectConfigured) return "SALESFORCE_CLIENT_ID";
  if (method === "packaged-app" && !options.packagedAppConfigured) {
    return "SALESFORCE_PACKAGE_CLIENT_ID";
  }
  return null;
}

/** Whose app does the signing in. A method that is not set up stays choosable and says what it lacks. */
export function MethodPicker({
  options,
  environment,
  method,
  onMethod,
}: {
  options: ConnectOptions;
  environment: Environment;
  method: SalesforceMethod;
  onMethod: (method: SalesforceMethod) => void;
}) {
  const setting = missingSetting(options, method, environment);
  const others = methods.filter(
    (other) =>
      other.method !== method && missingSetting(options, other.method, environment) === null,
  );
  return (
    <>
      <ChoiceGroup legend="Method" columns={3}>
        {methods.map((choice) => (
          <RadioCard
            key={choice.method}
            name="method"
            value={choice.method}
            title={choice.title}
            description={choice.text}
            aside={
              missingSetting(options, choice.method, environment) === null ? (
                choice.badge && (
                  <Badge tone={choice.badge === "preferred" ? "accent" : "plain"}>
                    {choice.badge}
                  </Badge>
                )
              ) : (
                <Badge tone="warn">not set up</Badge>
              )
            }
            checked={method === choice.method}
            onChange={() => onMethod(choice.method)}
          />
        ))}
      </ChoiceGroup>
      {setting !== null && (
        <Panel className="mt-3" tone="warn" role="status" title="The operator has not set this up">
          <p>
            It needs <code className="mono">{setting}</code> in the studio's settings.{" "}
            {setting === "SALESFORCE_CLIENT_ID" &&
              "It is the Client ID of an app that the operator registers once. "}
            Until then, use another way:
          </p>
          <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
            {others.map((other) => (
              <li key={other.method}>
                <button type="button" className="link" onClick={() => onMethod(other.method)}>
                  {other.title}
                </button>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}
