import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import type { UnitsProblem } from "#components/business-units/listing-problem.tsx";
import { UnitsView } from "#components/business-units/units-view.tsx";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import { isStudioError, NotFoundError, type StudioError } from "#lib/core/errors.ts";
import { deps } from "#lib/deps.ts";
import { wizardPath } from "#lib/grants/decoder.ts";
import { listBusinessUnits, listKnownUnits } from "#lib/grants/list-business-units.ts";
import type { BusinessUnitJson } from "#lib/grants/schema.ts";

export const metadata: Metadata = { title: "Business units" };

type Props = PageProps<"/integrations/[connectionId]/business-units">;

export default async function BusinessUnitsPage({ params, searchParams }: Props) {
  const principal = await requirePrincipal();
  const id = z.uuid().safeParse((await params).connectionId);
  if (!id.success) notFound();
  const connection = await getConnectionView(deps(), principal, id.data).catch(asAbsent);
  if (connection.provider !== "marketing-cloud") notFound();
  const returned = z.uuid().safeParse((await searchParams).flow);
  const read = await listBusinessUnits(deps(), principal, id.data).catch((error: unknown) => {
    if (isStudioError(error)) return error;
    throw error;
  });
  const isRead = !isStudioError(read);
  const items = isRead ? read.items : await listKnownUnits(deps(), principal, id.data);
  const { name, groupName, environment } = connection;
  return (
    <UnitsView
      // The tree of another moment is another page: what is ticked does not outlive it.
      key={returned.success ? returned.data : "units"}
      connection={{ id: id.data, name, groupName, environment }}
      items={items}
      isWhole={!isRead || read.isWhole}
      problem={isRead ? null : problemOf(read, connection, items)}
      returned={returned.success ? returned.data : null}
    />
  );
}

function problemOf(
  { code, userMessage, remedy }: StudioError,
  connection: ConnectionJson,
  items: readonly BusinessUnitJson[],
): UnitsProblem {
  const { id, enterpriseId, provider, environment, method } = connection;
  const known = items.find(({ accountId }) => accountId === enterpriseId)?.connection?.id;
  const parent =
    known !== undefined && known !== id
      ? { href: `/integrations/${known}/business-units`, words: "Open the parent unit" }
      : {
          href: wizardPath({ provider, environment, method, connectionId: id }),
          words: "Connect the parent unit",
        };
  return {
    words: userMessage,
    does: remedy.do === "reconnect" || remedy.do === "retry" ? remedy.do : "none",
    parent: code === "grants.units_child_unit" ? parent : null,
  };
}

function asAbsent(error: unknown): never {
  if (error instanceof NotFoundError) notFound();
  throw error;
}
