import type { Metadata } from "next";
import { z } from "zod";
import { ConnectionDetail } from "#components/connections/connection-detail.tsx";
import { listConnectionEvents } from "#lib/audit/list-connection-events.ts";
import { currentUser, requirePrincipal } from "#lib/auth/current-principal.ts";
import { deps } from "#lib/deps.ts";
import { listRevocations } from "#lib/grants/list-revocations.ts";
import { viewOf } from "./view-of.ts";

const EVENTS_SHOWN = 20;
const REVOCATIONS_SHOWN = 20;

type Props = { params: Promise<{ connectionId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await viewOf((await params).connectionId)).name };
}

export default async function ConnectionPage({ params }: Props) {
  const { connectionId } = await params;
  const principal = await requirePrincipal();
  const query = { connectionId, open: true, limit: REVOCATIONS_SHOWN };
  const [connection, user, events, revocations] = await Promise.all([
    viewOf(connectionId),
    currentUser(),
    // A wrong id is told apart by the view; here it finds nothing.
    z.uuid().safeParse(connectionId).success
      ? listConnectionEvents(deps(), principal, connectionId, EVENTS_SHOWN)
      : [],
    z.uuid().safeParse(connectionId).success
      ? listRevocations(deps(), principal, query).then(({ items }) => items)
      : [],
  ]);
  return (
    <ConnectionDetail
      connection={connection}
      events={events}
      revocations={revocations}
      myName={user.name}
    />
  );
}
