import { ChevronRight } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { ConnectButton } from "#components/connections/connect-button.tsx";
import { ProviderIcon } from "#components/connections/provider-icon.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { SectionTitle } from "#components/ui/panel.tsx";
import type { ConnectionJson, ProviderName } from "#lib/connections/schema.ts";

const demoWords: Record<ProviderName, string> = {
  salesforce: "A simulated Salesforce org with people, accounts and a few mistakes to find.",
  "marketing-cloud": "A simulated tenant with business units, data extensions and journeys.",
};

const own: readonly { provider: ProviderName; name: string; words: string }[] = [
  {
    provider: "salesforce",
    name: "Salesforce org",
    words: "Sign in with your own login. About a minute.",
  },
  {
    provider: "marketing-cloud",
    name: "Marketing Cloud business unit",
    words: "An admin creates an Installed Package once. About ten minutes.",
  },
];

/** The first look: the demo one press away, then one's own. */
export function Welcome({ demos }: { demos: readonly ConnectionJson[] }) {
  const hasDemo = demos.length > 0;
  return (
    <div className="mx-auto max-w-[58rem] py-4 md:py-8">
      {hasDemo && <WelcomePicture names={demos.map((demo) => demo.name)} />}
      <h2 className="mb-2 text-2xl tracking-[-0.022em]">
        {hasDemo ? "Start with the demo, then bring your own" : "Connect the first one"}
      </h2>
      <p className="mb-6 max-w-measure text-pretty text-ink-2 text-md leading-[1.375rem]">
        {hasDemo
          ? "Sign in as a demo user, approve, and you are back here with data to read. It never leaves this studio."
          : "Each person signs in with their own provider login. The studio keeps the tokens, agents never see them."}
      </p>
      {hasDemo && (
        <ul className="grid gap-4 md:grid-cols-2">
          {demos.map((demo, index) => (
            <li
              key={demo.id}
              className="flex flex-col gap-3 rounded-3 border border-env-demo-line border-dashed bg-raised p-5"
            >
              <div className="flex items-center gap-2.5">
                <ProviderIcon provider={demo.provider} className="text-ink-2" />
                <h3 className="mr-auto text-md">{demo.name}</h3>
                <EnvironmentBadge environment={demo.environment} />
              </div>
              <p className="text-ink-2">{demoWords[demo.provider]}</p>
              <div className="mt-auto flex flex-wrap items-center gap-3 pt-1">
                <ConnectButton
                  connection={demo}
                  label="Connect"
                  size="md"
                  tone={index === 0 ? "primary" : "plain"}
                />
                <span className="text-ink-3 text-xs">Demo users, no password</span>
              </div>
            </li>
          ))}
        </ul>
      )}
      <div className="mt-8">
        <SectionTitle aside="you sign in as yourself; teammates do the same">Your own</SectionTitle>
        <ul className="divide-y divide-line rounded-3 border border-line bg-raised">
          {own.map(({ provider, name, words }) => (
            <li key={provider}>
              <Link
                href={`/integrations/new?provider=${provider}` as Route}
                className="flex items-center gap-3 px-4 py-3 transition-colors duration-hover hover:bg-hover"
              >
                <ProviderIcon provider={provider} className="text-ink-2" />
                <span className="mr-auto">
                  <span className="block font-label">{name}</span>
                  <span className="block text-ink-3 text-xs">{words}</span>
                </span>
                <ChevronRight aria-hidden strokeWidth={1.5} className="size-4 text-ink-3" />
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** You, the two demos, and the agents that come later. */
function WelcomePicture({ names }: { names: readonly string[] }) {
  return (
    <svg
      viewBox="0 0 928 118"
      fill="none"
      aria-hidden="true"
      className="mb-6 h-auto w-full max-md:hidden"
    >
      <g stroke="var(--line-strong)" strokeWidth="1.25">
        <path d="M6 59C130 59 170 20 300 20" />
        <path d="M6 59C130 59 170 98 300 98" />
        <path d="M628 20c130 0 150 39 294 39M628 98c130 0 150-39 294-39" strokeDasharray="2 5" />
        <path d="M308 20h312M308 98h312" stroke="var(--env-demo-line)" />
        <path d="M308 20C430 20 500 98 620 98M308 98C430 98 500 20 620 20" stroke="var(--line)" />
      </g>
      <g fill="var(--surface)" stroke="var(--env-demo-solid)" strokeWidth="1.6">
        <circle cx="304" cy="20" r="4" />
        <circle cx="304" cy="98" r="4" />
        <circle cx="624" cy="20" r="4" />
        <circle cx="624" cy="98" r="4" />
      </g>
      <circle cx="6" cy="59" r="5" fill="var(--accent)" />
      <circle
        cx="922"
        cy="59"
        r="4.5"
        fill="var(--surface)"
        stroke="var(--line-control)"
        strokeWidth="1.5"
      />
      <g className="fill-ink-3 text-xs">
        <text x="0" y="84">
          You
        </text>
        <text x="464" y="11" textAnchor="middle">
          {names[0]}
        </text>
        <text x="464" y="116" textAnchor="middle">
          {names[1]}
        </text>
        <text x="928" y="84" textAnchor="end">
          Agents
        </text>
      </g>
    </svg>
  );
}
