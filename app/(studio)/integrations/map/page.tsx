import type { Metadata, Route } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { z } from "zod";
import { MapLegend, PeopleMapView } from "#components/connections/people-map.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { mapPeople } from "#lib/connections/map-people.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { deps } from "#lib/deps.ts";
import { providers } from "#lib/providers/vocabulary.ts";

export const metadata: Metadata = { title: "Who is connected to what" };

const querySchema = z
  .object({
    person: z.uuid().optional(),
    provider: z.enum(providers).optional(),
    group: z.string().min(1).max(255).optional(),
  })
  .refine(({ provider, group }) => (provider === undefined) === (group === undefined));

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function MapPage({ searchParams }: Props) {
  const principal = await requirePrincipal();
  const query = querySchema.safeParse(await searchParams);
  if (!query.success) notFound();
  const { person = null, provider, group } = query.data;
  const map = await mapPeople(deps(), principal, {
    group: provider && group ? { provider, key: group } : null,
    personId: person,
  }).catch((error: unknown) => {
    if (error instanceof NotFoundError) notFound();
    throw error;
  });
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[
            { name: "Integrations", href: "/integrations" as Route },
            ...(map.focus
              ? [
                  { name: "Who is connected to what", href: "/integrations/map" as Route },
                  { name: map.focus.name },
                ]
              : [{ name: "Who is connected to what" }]),
          ]}
        />
      </TopBar>
      <PageBody>
        <h1 className="mb-1 text-xl">
          {map.focus === null
            ? "Who is connected to what"
            : map.focus.kind === "person"
              ? `What ${map.focus.name} is connected to`
              : `Who is connected to ${map.focus.name}`}
        </h1>
        <MapLegend map={map} />
        {map.places.length === 0 ? (
          <EmptyState
            title="No connection yet"
            actions={
              <Link href={"/integrations/new" as Route} className={buttonClass({})}>
                Connect
              </Link>
            }
          >
            Once somebody connects an org or a business unit, their thread is drawn here.
          </EmptyState>
        ) : (
          <PeopleMapView map={map} />
        )}
      </PageBody>
    </>
  );
}
