import type { Metadata } from "next";
import { EndsView } from "#components/connections/ends-view.tsx";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { deps } from "#lib/deps.ts";
import { listRevocations } from "#lib/grants/list-revocations.ts";
import { revocationQuerySchema } from "#lib/grants/schema.ts";

export const metadata: Metadata = { title: "Ends at providers" };

const SHOWN = "100";

export default async function EndsPage() {
  const principal = await requirePrincipal();
  const query = revocationQuerySchema.parse({ limit: SHOWN });
  const { items } = await listRevocations(deps(), principal, query);
  return <EndsView revocations={items} />;
}
