import type { Metadata, Route } from "next";
import { z } from "zod";
import { factsOf } from "#components/connect/connection-words.ts";
import { Problem } from "#components/decoder/problem.tsx";
import { Breadcrumbs, FlowColumn, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { connectOptions } from "#lib/connections/connect-options.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { deps } from "#lib/deps.ts";
import { noFacts } from "#lib/grants/decoder.ts";
import { isReasonCode } from "#lib/providers/reason-codes.ts";
import { providers } from "#lib/providers/vocabulary.ts";

export const metadata: Metadata = { title: "What happened" };

/**
 * Where a callback goes that belongs to no flow of this person, and what a connection's own page says
 * more about: only a known reason is read, and a connection only where this person may see it.
 */
export default async function ProblemPage({ searchParams }: PageProps<"/integrations/problem">) {
  const principal = await requirePrincipal();
  const { reason, provider, connection: asked } = await searchParams;
  const connection = await findConnection(principal, asked);
  const facts = connection
    ? factsOf(connection, null, connectOptions(deps()).packageId)
    : { ...noFacts, provider: providers.find((name) => name === provider) ?? null };
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[
            { name: "Integrations", href: "/integrations" },
            ...(connection
              ? [{ name: connection.name, href: `/integrations/${connection.id}` as Route }]
              : []),
            { name: "What happened" },
          ]}
        />
      </TopBar>
      <PageBody>
        <FlowColumn>
          <Problem
            reason={typeof reason === "string" && isReasonCode(reason) ? reason : "flow_unknown"}
            facts={facts}
            canConnect={connection?.surfaces.includes("web") ?? false}
            now={deps().clock.now().toISOString()}
          />
        </FlowColumn>
      </PageBody>
    </>
  );
}

/** Another team's is as good as none. */
async function findConnection(
  principal: Principal,
  asked: string | string[] | undefined,
): Promise<ConnectionJson | null> {
  const id = z.uuid().safeParse(asked);
  if (!id.success) return null;
  try {
    return await getConnectionView(deps(), principal, id.data);
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}
