import type { Metadata, Route } from "next";
import { ApiReference } from "#components/docs/api-reference.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { deps } from "#lib/deps.ts";
import { describeApi } from "#lib/openapi/describe-api.ts";

export const metadata: Metadata = { title: "HTTP interface" };
export const dynamic = "force-dynamic";

export default function ApiPage() {
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[{ name: "Guide", href: "/docs" as Route }, { name: "HTTP interface" }]}
        />
      </TopBar>
      <PageBody>
        <ApiReference api={describeApi(deps().studioUrl)} />
      </PageBody>
    </>
  );
}
