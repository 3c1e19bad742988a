"use client";

import { cn } from "#components/ui/cn.ts";
import { useNow, useTimeZone } from "#components/ui/now.tsx";
import { Tooltip } from "#components/ui/tooltip.tsx";
import { exactTime, relativeTime } from "#lib/core/relative-time.ts";

/**
 * A time as people say it, exact on hover and on focus.
 *
 * @param props.at - ISO 8601
 * @param props.form - "short" without "ago" or "in", under a head that says it
 * @param props.isPast - it has happened: at most "now", however far behind this page's clock is
 */
export function RelativeTime({
  at,
  form = "full",
  isPast = false,
  className,
}: {
  at: string;
  form?: "full" | "short";
  isPast?: boolean;
  className?: string;
}) {
  const now = useNow();
  const timeZone = useTimeZone();
  const date = new Date(at);
  return (
    <Tooltip content={<span className="nums">{exactTime(date, timeZone)}</span>}>
      <time
        dateTime={at}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the exact time has to be reachable by keyboard
        tabIndex={0}
        className={cn("nums relative whitespace-nowrap", className)}
      >
        {relativeTime(isPast && date > now ? now : date, now, { form, timeZone })}
      </time>
    </Tooltip>
  );
}
