import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { deps } from "#lib/deps.ts";

/** The connection of a page's address, or the page that says there is none. Title and page ask once. */
export const viewOf = cache(async (connectionId: string) => {
  const principal = await requirePrincipal();
  if (!z.uuid().safeParse(connectionId).success) notFound();
  try {
    return await getConnectionView(deps(), principal, connectionId);
  } catch (error) {
    if (error instanceof NotFoundError) notFound();
    throw error;
  }
});
