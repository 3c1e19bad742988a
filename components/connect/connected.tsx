"use client";

import type { Route } from "next";
import Link from "next/link";
import { UnitsOffer } from "#components/business-units/units-offer.tsx";
import { connectedWords, providerLabels } from "#components/connect/connection-words.ts";
import { FlowHeading } from "#components/connect/flow-heading.tsx";
import { Lead } from "#components/shell/top-bar.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { Facts, Panel } from "#components/ui/panel.tsx";
import { ThreadPicture } from "#components/ui/thread-picture.tsx";
import type { ConnectionJson, GrantJson } from "#lib/connections/schema.ts";
import { lossWithout } from "#lib/connections/scope-loss.ts";
import { groupMid, wizardPath } from "#lib/grants/decoder.ts";
import type { FlowJson } from "#lib/grants/schema.ts";

/**
 * Who is connected, where, and with what: the first moment in which a wrong org can be noticed.
 *
 * @param props.isOwnWindow - this is the window that went to the provider; another page waits
 */
export function Connected({
  flow,
  connection,
  isOwnWindow,
}: {
  flow: FlowJson;
  connection: ConnectionJson;
  isOwnWindow: boolean;
}) {
  const label = providerLabels[connection.provider];
  const { grant } = flow;
  const words = grant && connectedWords(connection, grant);
  const missing = grant?.missingScopes ?? [];
  return (
    <>
      <ThreadPicture
        state="connected"
        provider={label}
        label={`${label} and the studio are connected`}
      />
      <FlowHeading>
        {words ? `Connected as ${words.who} in ${words.where} — ${words.environment}` : "Connected"}
      </FlowHeading>
      <Lead>
        {isOwnWindow
          ? "You can close this window. The page you came from shows the same."
          : "Your refresh token is sealed in the vault, the access token stays in memory. Nobody but you can use this sign-in."}
      </Lead>

      <div className="my-5 flex flex-wrap items-center gap-2">
        <Link
          href={(flow.returnTo ?? `/integrations/${connection.id}`) as Route}
          className={buttonClass({ tone: isOwnWindow ? "plain" : "primary" })}
        >
          {flow.returnTo === null ? "Open the connection" : "Carry on"}
        </Link>
        <Link href="/integrations" className={buttonClass({ tone: "quiet" })}>
          All integrations
        </Link>
        <Link
          href={
            wizardPath({
              provider: connection.provider,
              environment: connection.environment,
              method: connection.method,
              connectionId: null,
            }) as Route
          }
          className={buttonClass({ tone: "quiet" })}
        >
          Connect another
        </Link>
      </div>

      {connection.provider === "marketing-cloud" && (
        <Panel className="mb-3" titleLevel={2} title="More of this tenant">
          <UnitsOffer connectionId={connection.id} grant={grant} />
        </Panel>
      )}
      {missing.length > 0 && <MissingScopes connection={connection} missing={missing} />}
      {grant && (
        <Panel className="mt-3">
          <GrantFacts connection={connection} grant={grant} />
          <Disclosure
            className="mt-3"
            summary={`${flow.scopes.length - missing.length} of ${flow.scopes.length} scopes granted`}
          >
            <p className="mono mt-2 [overflow-wrap:anywhere]">{grant.scopes.join(" ")}</p>
          </Disclosure>
        </Panel>
      )}
    </>
  );
}

function MissingScopes({
  connection,
  missing,
}: {
  connection: ConnectionJson;
  missing: readonly string[];
}) {
  const isMarketingCloud = connection.provider === "marketing-cloud";
  return (
    <Panel
      tone="warn"
      titleLevel={2}
      title={missing.length === 1 ? "One scope is missing" : `${missing.length} scopes are missing`}
    >
      <p>
        Everything else works. To add {missing.length === 1 ? "it" : "them"}: allow{" "}
        {missing.length === 1 ? "it" : "them"} on the {isMarketingCloud ? "package" : "app"}, then
        reconnect.
      </p>
      <ul className="mt-2 grid gap-1">
        {missing.map((scope) => (
          <li key={scope}>
            <code className="mono">{scope}</code>{" "}
            <span className="text-ink-2">{lossWithout(connection.provider, scope)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function GrantFacts({ connection, grant }: { connection: ConnectionJson; grant: GrantJson }) {
  const { identity } = grant;
  return (
    <Facts
      items={[
        {
          name: "Connection",
          value: (
            <>
              {connection.name} <EnvironmentBadge environment={connection.environment} />
            </>
          ),
        },
        { name: "Person", value: personOf(identity) },
        ...(identity.orgId === null
          ? []
          : [{ name: "Org ID", value: identity.orgId, isMono: true }]),
        ...(identity.memberId === null
          ? []
          : [{ name: "Business unit", value: `MID ${groupMid(identity.memberId)}`, isMono: true }]),
        {
          name: "Host",
          value: grant.instanceUrl ?? grant.restInstanceUrl ?? connection.host,
          isMono: true,
        },
      ]}
    />
  );
}

function personOf(identity: GrantJson["identity"]): string {
  const names = [identity.displayName, identity.username, identity.email];
  return [...new Set(names.filter((name): name is string => name !== null))].join(" · ");
}
