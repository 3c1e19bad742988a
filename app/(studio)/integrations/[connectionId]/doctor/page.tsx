import type { Metadata, Route } from "next";
import { ConnectionCheck } from "#components/doctor/connection-check.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { viewOf } from "../view-of.ts";

type Props = { params: Promise<{ connectionId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Check of ${(await viewOf((await params).connectionId)).name}` };
}

export default async function DoctorPage({ params }: Props) {
  const { id, name, surfaces, environment } = await viewOf((await params).connectionId);
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[
            { name: "Integrations", href: "/integrations" as Route },
            { name, href: `/integrations/${id}` as Route },
            { name: "Check" },
          ]}
        />
      </TopBar>
      <PageBody>
        <div className="max-w-[46rem]">
          <h1 className="flex flex-wrap items-center gap-2.5 text-xl tracking-[-0.018em]">
            <span className="min-w-0 [overflow-wrap:anywhere]">Check of {name}</span>
            <EnvironmentBadge environment={environment} />
          </h1>
          <p className="mb-4 text-pretty text-ink-2">
            Asked with your own sign-in, never with a teammate's. The report holds no secret.
          </p>
          <ConnectionCheck connection={{ id, name, surfaces }} />
        </div>
      </PageBody>
    </>
  );
}
