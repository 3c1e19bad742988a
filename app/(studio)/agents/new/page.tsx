import type { Metadata, Route } from "next";
import { NewAgent } from "#components/agents/new-agent.tsx";
import { Breadcrumbs, FormColumns, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { Note } from "#components/ui/panel.tsx";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { listLinkedWays } from "#lib/auth/link-identity.ts";
import { deps } from "#lib/deps.ts";

export const metadata: Metadata = { title: "New agent" };

export default async function NewAgentPage() {
  const principal = await requirePrincipal();
  const { hasPassword } = await listLinkedWays(deps(), principal);
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[{ name: "Agents", href: "/agents" as Route }, { name: "New agent" }]}
        />
      </TopBar>
      <PageBody>
        <h1 className="sr-only">New agent</h1>
        <FormColumns
          aside={
            <div className="grid gap-4">
              <Note>
                An agent uses your own connections, as you. Start with the fewest it needs: you can
                add others at any time.
              </Note>
              <Note>
                It does nothing until it has a key. You make that next, and it is shown once.
              </Note>
            </div>
          }
        >
          <NewAgent hasPassword={hasPassword} />
        </FormColumns>
      </PageBody>
    </>
  );
}
