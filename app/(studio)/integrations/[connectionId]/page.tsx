import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { ConnectionDetail } from "#components/connections/connection-detail.tsx";
import { listConnectionEvents } from "#lib/audit/list-connection-events.ts";
import { currentUser, requirePrincipal } from "#lib/auth/current-principal.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { deps } from "#lib/deps.ts";

const EVENTS_SHOWN = 20;

type Props = { params: Promise<{ connectionId: string }> };

// The title and the page ask for the same row once.
const getView = cache(async (connectionId: string) => {
  const principal = await requirePrincipal();
  if (!z.uuid().safeParse(connectionId).success) notFound();
  try {
    return await getConnectionView(deps(), principal, connectionId);
  } catch (error) {
    if (error instanceof NotFoundError) notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await getView((await params).connectionId)).name };
}

export default async function ConnectionPage({ params }: Props) {
  const { connectionId } = await params;
  const principal = await requirePrincipal();
  const [connection, user, events] = await Promise.all([
    getView(connectionId),
    currentUser(),
    // A wrong id is told apart by the view; here it finds nothing.
    z.uuid().safeParse(connectionId).success
      ? listConnectionEvents(deps(), principal, connectionId, EVENTS_SHOWN)
      : [],
  ]);
  return <ConnectionDetail connection={connection} events={events} myName={user.name} />;
}
