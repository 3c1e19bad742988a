import type { Route } from "next";
import { isLeftOpen } from "#components/connections/revocation-words.ts";
import { RevocationList } from "#components/connections/revocations.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { SectionTitle } from "#components/ui/panel.tsx";
import type { RevocationJson } from "#lib/grants/schema.ts";

/** Every token whose end was, or is still, asked for: also of connections that are gone. */
export function EndsView({ revocations }: { revocations: readonly RevocationJson[] }) {
  const open = revocations.filter(isLeftOpen);
  const done = revocations.filter((revocation) => !isLeftOpen(revocation));
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[
            { name: "Integrations", href: "/integrations" as Route },
            { name: "Ends at providers" },
          ]}
        />
      </TopBar>
      <PageBody>
        <h1 className="text-xl tracking-[-0.018em]">Ends at providers</h1>
        <p className="mb-6 max-w-[42rem] text-ink-2">
          What ends here ends at once. What it leaves at the provider is asked to end there too,
          until the provider confirms it.
        </p>
        {revocations.length === 0 && (
          <EmptyState title="Nothing was ended yet">
            Disconnect, and the provider's receipt stands here.
          </EmptyState>
        )}
        {open.length > 0 && (
          <section className="mb-8 max-w-[60rem]">
            <SectionTitle>Not confirmed</SectionTitle>
            <RevocationList revocations={open} showsConnection />
          </section>
        )}
        {done.length > 0 && (
          <section className="max-w-[60rem]">
            <SectionTitle>Confirmed</SectionTitle>
            <RevocationList revocations={done} showsConnection />
          </section>
        )}
      </PageBody>
    </>
  );
}
