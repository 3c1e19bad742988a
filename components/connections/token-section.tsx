"use client";

import { useQuery } from "@tanstack/react-query";
import { healthOptions } from "#components/connections/detail-queries.ts";
import { RawLeases } from "#components/connections/raw-leases.tsx";
import { SignInSlots } from "#components/connections/sign-in-slots.tsx";
import { TokenLife } from "#components/connections/token-life.tsx";
import { tokenWords } from "#components/connections/token-words.ts";
import { useConnection } from "#components/connections/use-connection.ts";
import { useNow, useTimeZone } from "#components/ui/now.tsx";
import { Facts, Section } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { ConnectionJson, GrantJson } from "#lib/connections/schema.ts";

/** The tokens of one's own grant: how old, how long still, what comes next. */
export function TokenSection({ connection: initial }: { connection: ConnectionJson }) {
  const { myGrant } = useConnection(initial);
  if (myGrant === null || myGrant.state === "disconnected") return null;
  return (
    <Section title="Token life" aside="Times as on your clock">
      <TokenLife grant={myGrant} />
      <TokenFacts grant={myGrant} />
      <RawLeases grant={myGrant} />
    </Section>
  );
}

function TokenFacts({ grant }: { grant: GrantJson }) {
  const now = useNow();
  const timeZone = useTimeZone();
  const { data: health } = useQuery(healthOptions(grant.id));
  const words = tokenWords(grant, now, timeZone);
  return (
    <Facts
      className="mt-4 grid-cols-[8rem_minmax(0,1fr)]"
      items={[
        { name: "Access token", value: <span className="nums">{words.access}</span> },
        { name: "Next refresh", value: <span className="nums">{words.next}</span> },
        ...(words.background === null
          ? []
          : [{ name: "Of itself", value: <span className="nums">{words.background}</span> }]),
        {
          name: "Last refresh",
          value:
            grant.lastRefreshedAt === null ? (
              <span className="text-ink-3">None yet</span>
            ) : (
              <RelativeTime at={grant.lastRefreshedAt} />
            ),
        },
        ...(health?.approvals && grant.state === "active"
          ? [{ name: "Sign-ins", value: <SignInSlots {...health.approvals} /> }]
          : []),
      ]}
    />
  );
}
