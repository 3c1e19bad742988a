import type { ReactNode } from "react";
import { GuideNav } from "#components/docs/guide-nav.tsx";
import { GuideText } from "#components/docs/guide-text.tsx";
import type { GuideHeading } from "#lib/guide/parse-guide.ts";

/** One page of the guide: contents at the left, the text, and what the page holds at the right. */
export function GuideView({
  title,
  body,
  headings,
  children,
}: {
  title: string;
  body: string;
  headings: readonly GuideHeading[];
  /** Comes after the text. */
  children?: ReactNode;
}) {
  return (
    <div className="grid gap-10 md:grid-cols-[11rem_minmax(0,1fr)] lg:grid-cols-[11rem_minmax(0,38rem)_12rem]">
      <div className="max-md:order-last max-md:border-line max-md:border-t max-md:pt-6 md:sticky md:top-[calc(var(--topbar)+1.25rem)] md:self-start">
        <GuideNav />
      </div>
      <article className="min-w-0 max-w-measure">
        <h1 className="mb-3 text-balance text-2xl tracking-[-0.022em]">{title}</h1>
        <GuideText body={body} />
        {children}
      </article>
      {headings.length > 1 && (
        <nav
          aria-label="On this page"
          className="sticky top-[calc(var(--topbar)+1.25rem)] self-start text-xs max-lg:hidden"
        >
          <p className="mb-1 text-2xs text-ink-3">On this page</p>
          <ul className="grid gap-1">
            {headings.map(({ id, text }) => (
              <li key={id}>
                <a href={`#${id}`} className="text-ink-2 hover:text-ink">
                  {text}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      )}
    </div>
  );
}
