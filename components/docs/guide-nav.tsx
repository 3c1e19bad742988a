"use client";

import type { Route } from "next";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { guideSections } from "#lib/guide/contents.ts";

const addressOf = (slug: string) => (slug === "" ? "/docs" : `/docs/${slug}`) as Route;

/** The guide's own contents, the page in view marked. */
export function GuideNav() {
  const path = usePathname();
  return (
    <nav aria-label="Guide" className="grid content-start gap-5">
      {guideSections.map((section) => (
        <div key={section.title}>
          <p className="mb-1 px-2 text-2xs text-ink-3">{section.title}</p>
          <ul className="grid gap-px">
            {section.pages.map((page) => {
              const href = addressOf(page.slug);
              const isCurrent = path === href || (page.slug !== "" && path.startsWith(`${href}/`));
              return (
                <li key={page.slug}>
                  <Link
                    href={href}
                    aria-current={isCurrent ? "page" : undefined}
                    className="block rounded-2 px-2 py-1 text-ink-2 hover:bg-hover hover:text-ink aria-[current]:bg-selected aria-[current]:font-label aria-[current]:text-ink"
                  >
                    {page.title}
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </nav>
  );
}
