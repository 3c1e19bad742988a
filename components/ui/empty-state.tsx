import type { ReactNode } from "react";
import { LinkGlyph, type LinkState } from "#components/ui/link-glyph.tsx";

/** What there is to say where a list would be: what happened, then what to do. */
export function EmptyState({
  glyph = "not_connected",
  level = 2,
  title,
  children,
  actions,
}: {
  glyph?: LinkState;
  /** 1 where it is all that the page says. */
  level?: 1 | 2;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <div className="mx-auto grid max-w-measure justify-items-center gap-2 px-4 py-16 text-center">
      <LinkGlyph state={glyph} className="mb-2 h-6 w-11" />
      <Heading className="text-lg">{title}</Heading>
      {children !== undefined && (
        <div className="text-pretty text-ink-2 text-md leading-[1.375rem]">{children}</div>
      )}
      {actions !== undefined && (
        <div className="mt-3 flex flex-wrap justify-center gap-2">{actions}</div>
      )}
    </div>
  );
}
