import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { InboxLink } from "#components/shell/inbox-count.tsx";
import { cn } from "#components/ui/cn.ts";

/** The sticky bar of a page: its title or its breadcrumbs, then whatever can be done here. */
export function TopBar({ children }: { children: ReactNode }) {
  return (
    <header className="sticky top-0 z-20 flex h-topbar shrink-0 items-center gap-3 border-line border-b bg-surface px-4 max-md:gap-2 md:px-6">
      {children}
      <InboxLink />
    </header>
  );
}

/** The title of a page that stands in its bar. */
export function TopBarTitle({ children }: { children: ReactNode }) {
  return <h1 className="mr-auto whitespace-nowrap text-lg">{children}</h1>;
}

export type Crumb = { name: string; href?: Route };

/**
 * The way to this page, the last crumb being the page itself. On a phone only the first and the
 * last stay.
 */
export function Breadcrumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumb" className="mr-auto min-w-0">
      <ol className="flex min-w-0 items-center gap-2 text-ink-3">
        {crumbs.map((crumb, index) => {
          const isLast = index === crumbs.length - 1;
          const isMiddle = index > 0 && !isLast;
          return (
            <li
              key={crumb.name}
              className={cn(
                "flex items-center gap-2",
                // The first is short and ours; whatever else is named gives way.
                index === 0 && !isLast ? "shrink-0" : "min-w-0",
                isMiddle && "max-md:hidden",
              )}
            >
              {index > 0 && <span aria-hidden>/</span>}
              {isLast || crumb.href === undefined ? (
                <span
                  aria-current={isLast ? "page" : undefined}
                  className={cn("truncate", isLast && "font-label text-ink")}
                >
                  {crumb.name}
                </span>
              ) : (
                <Link href={crumb.href} className="truncate hover:text-ink">
                  {crumb.name}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

/** What stands under the bar, with the page's inset. */
export function PageBody({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <div className={cn("flex-1 px-4 pt-4 pb-8 md:px-6 md:pt-5 md:pb-12", className)}>
      {children}
    </div>
  );
}

/** One column of 36 rem for a flow screen; its `h1` stands in the column. */
export function FlowColumn({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto max-w-[36rem] py-6 md:py-12 [&_h1]:mb-2 [&_h1]:text-balance [&_h1]:text-xl md:[&_h1]:text-2xl [&_h1]:tracking-[-0.022em]">
      {children}
    </div>
  );
}

/** The sentence under a flow screen's title. */
export function Lead({ children }: { children: ReactNode }) {
  return <p className="text-pretty text-ink-2 text-md leading-[1.375rem]">{children}</p>;
}

/** A fluid column and a sticky aside of 352 px that moves below on narrow screens. */
export function FormColumns({ aside, children }: { aside: ReactNode; children: ReactNode }) {
  return (
    <div className="grid max-w-[73rem] gap-10 lg:grid-cols-[minmax(0,1fr)_var(--aside)]">
      <div className="min-w-0">{children}</div>
      <aside className="self-start lg:sticky lg:top-[calc(var(--topbar)+1.25rem)]">{aside}</aside>
    </div>
  );
}
