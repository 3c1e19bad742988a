import type { Metadata, Route } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { GuideView } from "#components/docs/guide-view.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { deps } from "#lib/deps.ts";
import { readGuidePage } from "#lib/guide/read-guide-page.ts";

type Props = { params: Promise<{ slug?: string[] }> };

const guideAt = cache((slug: string) => readGuidePage(slug, deps().studioUrl));
const slugOf = async ({ params }: Props) => ((await params).slug ?? []).join("/");

export async function generateMetadata(props: Props): Promise<Metadata> {
  return { title: (await guideAt(await slugOf(props)))?.title ?? "Not found" };
}

export default async function GuidePage(props: Props) {
  const guide = await guideAt(await slugOf(props));
  if (!guide) notFound();
  return (
    <>
      <TopBar>
        <Breadcrumbs crumbs={[{ name: "Guide", href: "/docs" as Route }, { name: guide.title }]} />
      </TopBar>
      <PageBody>
        <GuideView title={guide.title} body={guide.body} headings={guide.headings} />
      </PageBody>
    </>
  );
}
