import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { z } from "zod";
import { FlowScreen } from "#components/connect/flow-screen.tsx";
import { unitsReturn } from "#components/connect/units-return.ts";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { connectOptions } from "#lib/connections/connect-options.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { deps } from "#lib/deps.ts";
import { getFlowView } from "#lib/grants/get-flow-view.ts";

export const metadata: Metadata = { title: "Sign-in" };

export default async function FlowPage({ params }: PageProps<"/integrations/flows/[flowId]">) {
  const principal = await requirePrincipal();
  const flowId = z.uuid().safeParse((await params).flowId);
  if (!flowId.success) notFound();
  const flow = await getFlowView(deps(), principal, flowId.data).catch(asAbsent);
  const back = unitsReturn(flow);
  if (back !== null) redirect(back);
  const connection = await getConnectionView(deps(), principal, flow.connectionId).catch(asAbsent);
  return (
    <FlowScreen
      key={flow.id}
      initialFlow={flow}
      connection={connection}
      packageId={connectOptions(deps()).packageId}
      initialNow={deps().clock.now().toISOString()}
    />
  );
}

function asAbsent(error: unknown): never {
  if (error instanceof NotFoundError) notFound();
  throw error;
}
