import { HeartPulse, Pencil, Stethoscope, Telescope, TriangleAlert } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { UnitsOffer } from "#components/business-units/units-offer.tsx";
import { ActiveLeases } from "#components/connections/active-leases.tsx";
import { AgentsUsing } from "#components/connections/agents-using.tsx";
import { ConnectButton } from "#components/connections/connect-button.tsx";
import { DangerZone } from "#components/connections/danger-zone.tsx";
import { Rename, TestCall } from "#components/connections/detail-actions.tsx";
import { LiveConnections } from "#components/connections/live-connections.tsx";
import { LiveHeading } from "#components/connections/live-heading.tsx";
import { Notices } from "#components/connections/notices.tsx";
import { providerNames } from "#components/connections/provider-icon.tsx";
import { RevocationList } from "#components/connections/revocations.tsx";
import { Timeline } from "#components/connections/timeline.tsx";
import { TokenSection } from "#components/connections/token-section.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { Avatar } from "#components/ui/avatar.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { CopyButton, CopyField } from "#components/ui/copy-field.tsx";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { Help } from "#components/ui/field.tsx";
import { Facts, Section, SectionTitle } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { midInGroups, needsAttention, shortened } from "#lib/connections/health.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import { lossWithout } from "#lib/connections/scope-loss.ts";
import type { RevocationJson } from "#lib/grants/schema.ts";

type View = {
  connection: ConnectionJson;
  /** Ends at the provider that somebody may have to do something about. */
  revocations: readonly RevocationJson[];
  myName: string;
};

/** An icon on a phone, where the bar has no room for words. */
const barLink = buttonClass({ tone: "quiet", className: "max-md:w-control max-md:px-0" });

/** All there is to know about one connection, and all that can be done with it. */
export function ConnectionDetail({ connection, revocations, myName }: View) {
  const { myGrant } = connection;
  const isConnected = myGrant !== null && myGrant.state !== "disconnected";
  return (
    <>
      <LiveConnections />
      <TopBar>
        <Breadcrumbs
          crumbs={[
            { name: "Integrations", href: "/integrations" as Route },
            {
              name: connection.groupName,
              href: `/integrations?q=${encodeURIComponent(connection.groupName)}` as Route,
            },
            { name: connection.name },
          ]}
        />
        {connection.canEdit && (
          // On a phone the edit page renames too.
          <span className="max-md:hidden">
            <Rename connection={connection} />
          </span>
        )}
        <Link
          href={`/integrations/${connection.id}/doctor` as Route}
          prefetch={false}
          className={barLink}
        >
          <Stethoscope aria-hidden strokeWidth={1.5} className="md:hidden" />
          <span className="max-md:sr-only">Check</span>
        </Link>
        {connection.canEdit && (
          <Link href={`/integrations/${connection.id}/edit` as Route} className={barLink}>
            <Pencil aria-hidden strokeWidth={1.5} className="md:hidden" />
            <span className="max-md:sr-only">Edit</span>
          </Link>
        )}
        {isConnected && (
          <Link
            href={`/integrations/${connection.id}/health` as Route}
            prefetch={false}
            className={barLink}
          >
            <HeartPulse aria-hidden strokeWidth={1.5} className="md:hidden" />
            <span className="max-md:sr-only">Health</span>
          </Link>
        )}
        {isConnected && (
          <Link
            href={`/integrations/${connection.id}/explore` as Route}
            prefetch={false}
            className={barLink}
          >
            <Telescope aria-hidden strokeWidth={1.5} className="md:hidden" />
            <span className="max-md:sr-only">Explore</span>
          </Link>
        )}
        {isConnected && (
          <TestCall
            connectionId={connection.id}
            grantId={myGrant.id}
            provider={providerNames[connection.provider]}
          />
        )}
      </TopBar>
      <PageBody>
        <div className="grid max-w-[76rem] gap-10 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <div className="min-w-0">
            <LiveHeading connection={connection} />
            <Notices connection={connection} />
            <TokenSection connection={connection} />
            <AgentsUsing connectionId={connection.id} />
            <ActiveLeases connectionId={connection.id} />
            {connection.provider === "marketing-cloud" && (
              <Section title="Business units">
                <UnitsOffer connectionId={connection.id} grant={myGrant} />
              </Section>
            )}
            <Scopes connection={connection} />
            <Timeline connectionId={connection.id} />
            {revocations.length > 0 && (
              <section className="pb-6">
                <SectionTitle>Ends at the provider</SectionTitle>
                <RevocationList revocations={revocations} />
              </section>
            )}
            <DangerZone connection={connection} />
          </div>
          <aside className="grid content-start gap-6">
            <Identity connection={connection} />
            <RedirectUris connection={connection} />
            <Teammates connection={connection} myName={myName} />
          </aside>
        </div>
      </PageBody>
    </>
  );
}

function Scopes({ connection }: { connection: ConnectionJson }) {
  const { myGrant, scopes, provider } = connection;
  const isConnected = myGrant !== null && myGrant.state !== "disconnected";
  const missing = isConnected ? myGrant.missingScopes : [];
  const granted = scopes.filter((scope) => !missing.includes(scope));
  const extra = isConnected ? myGrant.scopes.filter((scope) => !scopes.includes(scope)) : [];
  return (
    <Section
      title="Scopes"
      aside={
        isConnected
          ? `${granted.length} of ${scopes.length} granted`
          : `${scopes.length} to ask for`
      }
    >
      {missing.length > 0 && (
        <ul className="mb-2">
          {missing.map((scope) => (
            <li key={scope} className="flex flex-wrap items-baseline gap-x-2.5 py-1">
              <TriangleAlert
                aria-hidden
                strokeWidth={1.5}
                className="size-4 self-center text-warn-ink"
              />
              <span className="mono w-54 max-md:w-auto max-md:flex-1">{scope}</span>
              <span className="text-ink-3 text-xs max-md:w-full max-md:pl-[26px]">
                {lossWithout(provider, scope)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <Disclosure
        summary={
          isConnected
            ? `${granted.length} granted${missing.length === 0 ? ", all as asked" : ""}`
            : "What signing in asks for"
        }
      >
        <ul className="mono flex flex-wrap gap-x-4 gap-y-1 pt-2 pl-6 text-ink-2">
          {granted.map((scope) => (
            <li key={scope}>{scope}</li>
          ))}
        </ul>
        {extra.length > 0 && (
          <p className="pt-2 pl-6 text-ink-3 text-xs">
            Also granted, not asked for: <span className="mono">{extra.join(", ")}</span>
          </p>
        )}
      </Disclosure>
      {missing.length > 0 && (
        <div className="mt-3 flex flex-wrap items-center gap-3">
          <ConnectButton
            connection={connection}
            label={`Ask again for ${missing.length}`}
            tone="act"
          />
          <Help>
            {provider === "marketing-cloud"
              ? "Tick them in the Installed Package first."
              : "Add them to the app's OAuth scopes first."}
          </Help>
        </div>
      )}
    </Section>
  );
}

function Identity({ connection }: { connection: ConnectionJson }) {
  const { provider, myGrant } = connection;
  const identity = myGrant?.identity ?? null;
  const isSalesforce = provider === "salesforce";
  const mid = connection.accountId ?? identity?.memberId ?? null;
  const never = <span className="text-ink-3">Never</span>;
  const time = (at: string | null) => (at === null ? never : <RelativeTime at={at} />);
  const items: { name: string; value: ReactNode; isMono?: boolean }[] = [];
  const add = (name: string, value: ReactNode, isMono = false) => {
    if (value !== null && value !== "") items.push({ name, value, isMono });
  };
  add("Person", identity?.displayName ?? identity?.username ?? null);
  add(isSalesforce ? "Org" : "Unit", connection.orgName ?? identity?.orgName ?? null);
  add(
    isSalesforce ? "Org ID" : "MID",
    isSalesforce
      ? connection.orgId && (
          <Copyable value={connection.orgId} shown={connection.orgId} name="org ID" />
        )
      : mid && <Copyable value={String(mid)} shown={midInGroups(mid)} name="MID" />,
    true,
  );
  add("Tenant", connection.tenantSubdomain, true);
  add("Host", <Host host={connection.host} />, true);
  add(
    "App",
    <Copyable
      value={connection.clientId}
      shown={shortened(connection.clientId)}
      name="Client ID"
    />,
    true,
  );
  if (connection.hasClientSecret) add("Secret", "Saved, cannot be read back");
  if (connection.pkce === "off") add("PKCE", "Off, the app refuses it");
  add("Proof of life", time(myGrant?.lastProvenAt ?? null));
  add("Last used", time(myGrant?.lastUsedAt ?? null));
  if (myGrant?.idleDeadline) add("Goes idle", <RelativeTime at={myGrant.idleDeadline} />);
  add(
    "Made",
    <>
      <RelativeTime at={connection.createdAt} />
      {connection.createdBy !== null && ` by ${connection.createdBy.name}`}
    </>,
  );
  return (
    <section>
      <SectionTitle>Identity</SectionTitle>
      <Facts items={items} className="grid-cols-[6rem_minmax(0,1fr)]" />
    </section>
  );
}

/** Breaks before a dot, where it has to. */
function Host({ host }: { host: string }) {
  return host.split(".").map((part, index) => (
    <span key={part}>
      {index > 0 && (
        <>
          <wbr />.
        </>
      )}
      {part}
    </span>
  ));
}

function Copyable({ value, shown, name }: { value: string; shown: string; name: string }) {
  return (
    <span className="inline-flex items-center gap-1">
      {shown}
      <CopyButton
        value={value}
        label={`Copy the ${name}`}
        shows="icon"
        tone="quiet"
        className="-my-1"
      />
    </span>
  );
}

function RedirectUris({ connection }: { connection: ConnectionJson }) {
  const names = { web: "Web", desktop: "Desktop" };
  return (
    <section>
      <SectionTitle>Redirect URIs</SectionTitle>
      <div className="grid gap-2">
        {connection.surfaces.map((surface) => (
          <div key={surface} className="grid gap-1">
            <span className="text-ink-3 text-xs">{names[surface]}</span>
            <CopyField
              value={connection.redirectUris[surface]}
              name={`the ${surface} redirect URI`}
            />
          </div>
        ))}
      </div>
    </section>
  );
}

function Teammates({ connection, myName }: { connection: ConnectionJson; myName: string }) {
  const mine = connection.myGrant;
  const others = connection.grants.filter((grant) => !grant.isMine);
  const words = { active: "connected", needs_reconnect: "to reconnect", disconnected: "left" };
  const isIn = mine !== null && mine.state !== "disconnected";
  return (
    <section>
      <SectionTitle aside="each with their own login">Teammates</SectionTitle>
      <ul>
        <li className="flex min-h-8 items-center gap-2">
          <Avatar name={myName} isMe isDecorative />
          <span className="truncate">You</span>
          <span
            className={cn(
              "ml-auto text-xs",
              needsAttention(connection.health) ? "text-warn-ink" : "text-ink-3",
            )}
          >
            {isIn
              ? connection.health === "connected"
                ? "connected"
                : "needs attention"
              : "not connected"}
          </span>
        </li>
        {others.map((grant) => (
          <li key={grant.user.id} className="flex min-h-8 items-center gap-2">
            <Avatar name={grant.user.name} isDecorative />
            <span className="truncate">{grant.user.name}</span>
            <span className="ml-auto whitespace-nowrap text-ink-3 text-xs">
              {words[grant.state]}, <RelativeTime at={grant.connectedAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
