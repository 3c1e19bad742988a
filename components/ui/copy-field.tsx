"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, type ButtonProps } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";

const SAID_FOR_MS = 2_000;

/** Copies `value`; says "Copied" in place and to a screen reader, no toast. */
export function CopyButton({
  value,
  label,
  shows = "words",
  tone = "plain",
  size = "md",
  className,
}: {
  value: string;
  /** What the button says, for example "Copy link"; with `shows="icon"` its accessible name. */
  label: string;
  shows?: "words" | "icon";
  tone?: ButtonProps["tone"];
  size?: ButtonProps["size"];
  className?: string;
}) {
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const said = outcome === "copied" ? "Copied" : "Press Ctrl C to copy";
  return (
    <Button
      tone={tone}
      size={shows === "icon" ? "icon-sm" : size}
      className={className ?? ""}
      aria-label={shows === "icon" ? label : undefined}
      onClick={() => {
        navigator.clipboard.writeText(value).then(
          () => setOutcome("copied"),
          () => setOutcome("refused"),
        );
      }}
    >
      {outcome === "copied" ? <Check aria-hidden /> : <Copy aria-hidden strokeWidth={1.5} />}
      {shows === "words" && (outcome === null ? label : said)}
      <span role="status" className="sr-only">
        {outcome === null ? "" : said}
      </span>
    </Button>
  );
}

/**
 * A value to carry elsewhere, with its copy button. Breaks long addresses before the path.
 *
 * @param props.name - what it is, for the button's accessible name: "Copy the web redirect URI"
 */
export function CopyField({
  value,
  name,
  copies,
  className,
}: {
  value: string;
  name: string;
  /** What goes to the clipboard when it is not what is shown (a MID without its spaces). */
  copies?: string;
  className?: string;
}) {
  const path = value.match(/^(https?:\/\/[^/]+)(\/.*)$/);
  return (
    <div
      className={cn(
        "flex min-h-control items-center gap-2 rounded-2 border border-line bg-sunken pr-0.5 pl-2.5",
        className,
      )}
    >
      <code className="mono min-w-0 flex-1 py-1 leading-4 [overflow-wrap:anywhere]">
        {path ? (
          <>
            {path[1]}
            <wbr />
            {path[2]}
          </>
        ) : (
          value
        )}
      </code>
      <CopyButton value={copies ?? value} label={`Copy ${name}`} shows="icon" tone="quiet" />
    </div>
  );
}
