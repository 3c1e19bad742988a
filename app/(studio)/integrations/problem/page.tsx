import type { Metadata } from "next";
import { Stopped } from "#components/decoder/stopped.tsx";
import { Breadcrumbs, FlowColumn, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { noFacts } from "#lib/grants/decoder.ts";
import { isReasonCode } from "#lib/providers/reason-codes.ts";
import { providers } from "#lib/providers/vocabulary.ts";

export const metadata: Metadata = { title: "Sign-in stopped" };

/** Where a callback goes that belongs to no flow of this person: only a known reason is read. */
export default async function ProblemPage({ searchParams }: PageProps<"/integrations/problem">) {
  await requirePrincipal();
  const { reason, provider } = await searchParams;
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[{ name: "Integrations", href: "/integrations" }, { name: "Sign-in stopped" }]}
        />
      </TopBar>
      <PageBody>
        <FlowColumn>
          <Stopped
            reason={typeof reason === "string" && isReasonCode(reason) ? reason : "flow_unknown"}
            facts={{ ...noFacts, provider: providers.find((name) => name === provider) ?? null }}
            again={null}
            endedAt={null}
          />
        </FlowColumn>
      </PageBody>
    </>
  );
}
