"use client";

import { Cloud, Mail } from "lucide-react";
import { parseAsStringLiteral, useQueryStates } from "nuqs";
import { MarketingCloudWizard } from "#components/connect/marketing-cloud-wizard.tsx";
import { SalesforceWizard } from "#components/connect/salesforce-wizard.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { Steps } from "#components/ui/steps.tsx";
import type { ConnectOptions } from "#lib/connections/schema.ts";
import { type ConnectionJson, environments, providers, surfaces } from "#lib/connections/schema.ts";

const salesforceMethods = ["quick", "custom-app", "packaged-app"] as const;

/**
 * From "which provider" to a connection with a sign-in under way. What is chosen stands in the
 * address, so that a decoder's link opens the form as it means it.
 *
 * @param props.from - a connection whose details are taken over, its secret excepted
 */
export function ConnectWizard({
  options,
  from,
}: {
  options: ConnectOptions;
  from: ConnectionJson | null;
}) {
  const [choice, setChoice] = useQueryStates({
    provider: parseAsStringLiteral(providers),
    environment: parseAsStringLiteral(environments),
    method: parseAsStringLiteral(salesforceMethods),
    surface: parseAsStringLiteral(surfaces),
  });
  const provider = choice.provider ?? from?.provider ?? null;
  const title =
    provider === null
      ? "Connect"
      : provider === "salesforce"
        ? "Connect Salesforce"
        : "Connect Marketing Cloud";
  return (
    <>
      <TopBar>
        <Breadcrumbs crumbs={[{ name: "Integrations", href: "/integrations" }, { name: title }]} />
        <Steps names={["Details", "Sign in", "Connected"]} current={0} />
      </TopBar>
      <PageBody>
        <h1 className="sr-only">{title}</h1>
        {provider === null && (
          <ProviderChoice
            onChoose={(chosen) => void setChoice({ provider: chosen }, { history: "push" })}
          />
        )}
        {provider === "salesforce" && (
          <SalesforceWizard
            options={options}
            from={from?.provider === "salesforce" ? from : null}
            surface={choice.surface}
            environment={choice.environment ?? from?.environment ?? "production"}
            method={
              choice.method ?? salesforceMethods.find((method) => method === from?.method) ?? null
            }
            onEnvironment={(environment) => void setChoice({ environment })}
            onMethod={(method) => void setChoice({ method })}
          />
        )}
        {provider === "marketing-cloud" && (
          <MarketingCloudWizard
            options={options}
            from={from?.provider === "marketing-cloud" ? from : null}
            surface={choice.surface}
          />
        )}
      </PageBody>
    </>
  );
}

function ProviderChoice({
  onChoose,
}: {
  onChoose: (provider: "salesforce" | "marketing-cloud") => void;
}) {
  const cards = [
    {
      provider: "salesforce",
      name: "Salesforce",
      Mark: Cloud,
      text: "A production org, a sandbox, or any org under its My Domain. Quick Connect needs no set-up.",
    },
    {
      provider: "marketing-cloud",
      name: "Marketing Cloud Engagement",
      Mark: Mail,
      text: "A business unit, through an Installed Package that an admin makes once. No client secret.",
    },
  ] as const;
  return (
    <section className="max-w-[52rem]">
      <h2 className="mb-3 text-md">What do you connect?</h2>
      <div className="grid gap-4 md:grid-cols-2">
        {cards.map(({ provider, name, Mark, text }) => (
          <button
            key={provider}
            type="button"
            onClick={() => onChoose(provider)}
            className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3 gap-y-2 rounded-3 border border-line bg-raised p-4 text-left shadow-1 transition-colors duration-hover hover:border-line-strong hover:bg-hover"
          >
            <span className="grid size-8 place-items-center rounded-2 border border-line bg-chip text-ink-2">
              <Mark aria-hidden className="size-4.5" strokeWidth={1.4} />
            </span>
            <span className="font-title text-md tracking-title">{name}</span>
            <span className="col-span-2 text-ink-2">{text}</span>
          </button>
        ))}
      </div>
    </section>
  );
}
