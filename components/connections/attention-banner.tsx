import type { Route } from "next";
import Link from "next/link";
import { buttonClass } from "#components/ui/button.tsx";
import { LinkGlyph } from "#components/ui/link-glyph.tsx";
import { attentionOf } from "#lib/connections/health.ts";
import type { ConnectionSummary } from "#lib/connections/schema.ts";

/** How many need somebody, and which; nothing when all is well. */
export function AttentionBanner({ summary }: { summary: ConnectionSummary }) {
  const parts = attentionOf(summary.health);
  const [worst] = parts;
  if (worst === undefined) return null;
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const all = parts.map((part) => part.health).join(",");
  return (
    <section
      aria-label="Needs attention"
      className="mb-4 flex items-center gap-3 rounded-3 border border-warn-line bg-[color-mix(in_oklab,var(--warn-tint)_50%,var(--surface))] py-2 pr-2 pl-3 max-md:flex-wrap max-md:p-3"
    >
      <LinkGlyph state={worst.health} tone="inherit" className="text-warn-ink" />
      <div className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-4 gap-y-1">
        <p className="nums font-label">
          {count} of {summary.total} {count === 1 ? "needs" : "need"} attention
        </p>
        <ul className="flex flex-wrap gap-x-4 gap-y-1">
          {parts.map((part) => (
            <li key={part.health}>
              <Link
                href={`/integrations?health=${part.health}` as Route}
                className="link nums text-ink-2"
              >
                {part.words}
              </Link>
            </li>
          ))}
        </ul>
      </div>
      {parts.length > 1 && (
        <Link
          href={`/integrations?health=${all}` as Route}
          className={buttonClass({ size: "sm", className: "max-md:w-full" })}
        >
          Show all {count}
        </Link>
      )}
    </section>
  );
}
