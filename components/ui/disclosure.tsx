import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { CopyButton } from "#components/ui/copy-field.tsx";

/**
 * A fold that works without script.
 *
 * @param props.code - stays visible on the fold: the reason code of "Technical details"
 */
export function Disclosure({
  summary,
  code,
  isOpen = false,
  className,
  onToggle,
  children,
}: {
  summary: ReactNode;
  code?: string;
  isOpen?: boolean;
  className?: string;
  onToggle?: (isOpen: boolean) => void;
  children: ReactNode;
}) {
  return (
    <details
      open={isOpen}
      className={cn("group", className)}
      {...(onToggle && { onToggle: (event) => onToggle(event.currentTarget.open) })}
    >
      <summary className="flex min-h-6 w-fit list-none items-center gap-2 text-ink-2 hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          strokeWidth={1.5}
          className="size-4 shrink-0 transition-transform duration-menu group-open:rotate-90"
        />
        {summary}
        {code !== undefined && <code className="mono text-ink-3">{code}</code>}
      </summary>
      {children}
    </details>
  );
}

/** Names and codes for whoever helps: aligned, copyable text. */
export function TechnicalDetails({
  code,
  lines,
  className,
}: {
  code?: string;
  lines: readonly (readonly [name: string, value: string])[];
  className?: string;
}) {
  const width = Math.max(0, ...lines.map(([name]) => name.length)) + 2;
  const text = lines.map(([name, value]) => `${name.padEnd(width)}${value}`).join("\n");
  return (
    <Disclosure
      summary="Technical details"
      {...(code !== undefined && { code })}
      className={className ?? ""}
    >
      <pre className="mono mt-3 mb-2 overflow-auto whitespace-pre-wrap rounded-2 bg-sunken p-3 text-ink-2 leading-[1.125rem] [overflow-wrap:anywhere]">
        {text}
      </pre>
      <CopyButton value={text} label="Copy the details" size="sm" />
    </Disclosure>
  );
}
