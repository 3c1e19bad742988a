import type { Metadata } from "next";
import { z } from "zod";
import { ConnectWizard } from "#components/connect/connect-wizard.tsx";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { connectOptions } from "#lib/connections/connect-options.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { deps } from "#lib/deps.ts";

export const metadata: Metadata = { title: "Connect" };

export default async function NewConnectionPage({ searchParams }: PageProps<"/integrations/new">) {
  const principal = await requirePrincipal();
  const from = await startingPoint(principal, (await searchParams).from);
  return <ConnectWizard options={connectOptions(deps())} from={from} />;
}

/** A connection whose details the form takes over, a decoder's "Change the details" say. */
async function startingPoint(principal: Principal, from: unknown): Promise<ConnectionJson | null> {
  const id = z.uuid().safeParse(from);
  if (!id.success) return null;
  return getConnectionView(deps(), principal, id.data).catch((error: unknown) => {
    if (error instanceof NotFoundError) return null;
    throw error;
  });
}
