"use client";

import { useNow, useTimeZone } from "#components/ui/now.tsx";
import type { GrantJson } from "#lib/connections/schema.ts";
import { clockTime, lengthInWords, relativeTime, shortDate } from "#lib/core/relative-time.ts";

/** The drawing's own units. */
const LEFT = 128;
const RIGHT = 744;
const NOW = 560;
const OLDEST = LEFT + 8;

type Life = Pick<
  GrantJson,
  "connectedAt" | "lastRefreshedAt" | "accessTokenExpiresAt" | "idleDeadline"
>;

/**
 * How long the tokens have lived and have left: the access token in minutes, the refresh token from
 * approval through now to its idle deadline. "Now" stands at the same place in both lines.
 */
export function TokenLife({ grant }: { grant: Life }) {
  const now = useNow();
  const timeZone = useTimeZone();
  const issued = new Date(grant.lastRefreshedAt ?? grant.connectedAt);
  const expires = grant.accessTokenExpiresAt === null ? null : new Date(grant.accessTokenExpiresAt);
  const approved = new Date(grant.connectedAt);
  const refreshed = grant.lastRefreshedAt === null ? null : new Date(grant.lastRefreshedAt);
  const idle = grant.idleDeadline === null ? null : new Date(grant.idleDeadline);
  const isLive = expires !== null && expires > now;
  const isIdle = idle !== null && idle <= now;
  const words = wordsOf({ isLive, expires, idle, isIdle, approved, now, timeZone });

  // Where the access token's line ends: to the right of Now by its share of the life left.
  const lived = Math.max(0, now.getTime() - issued.getTime());
  const left = expires === null ? 0 : expires.getTime() - now.getTime();
  const endX = isLive
    ? NOW + ((RIGHT - NOW) * left) / Math.max(left + lived, 1)
    : Math.max(OLDEST + 60, NOW - 40);
  const refreshedX =
    refreshed === null
      ? null
      : OLDEST +
        ((NOW - OLDEST) * (refreshed.getTime() - approved.getTime())) /
          Math.max(now.getTime() - approved.getTime(), 1);
  const showsRefresh = refreshedX !== null && refreshedX > OLDEST + 90 && refreshedX < NOW - 70;

  return (
    // A narrow screen scrolls it, starting at Now.
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to take the keyboard
      tabIndex={0}
      aria-label="Token life"
      className="overflow-x-auto max-md:[direction:rtl]"
    >
      <svg
        viewBox="0 0 820 168"
        fill="none"
        strokeLinecap="round"
        role="img"
        aria-label={words.all}
        className="nums h-auto w-full min-w-[640px] text-[11px] [direction:ltr]"
      >
        <g className="fill-ink font-label">
          <text x="0" y="44">
            Access token
          </text>
          <text x="0" y="122">
            Refresh token
          </text>
          <text x={NOW} y="12" textAnchor="middle">
            Now
          </text>
        </g>
        <path d={`M${NOW} 20V160`} stroke="var(--ink-3)" strokeWidth="1" strokeDasharray="1 4" />

        <path d={`M${LEFT} 48H${RIGHT}`} stroke="var(--line)" strokeWidth="1" />
        <path
          d={`M${OLDEST} 48H${isLive ? NOW : endX}`}
          stroke={isLive ? "var(--accent)" : "var(--line-strong)"}
          strokeWidth={isLive ? 5 : 3}
        />
        {isLive && (
          <path
            d={`M${NOW} 48H${endX}`}
            stroke="var(--accent-line)"
            strokeWidth="3"
            strokeDasharray="2 6"
          />
        )}
        <Knot x={OLDEST} y={48} isHollow />
        <path d={`M${endX} 40v16`} stroke="var(--line-control)" strokeWidth="1.5" />
        <g className="fill-ink-3">
          <text x="0" y="60">
            {expires === null ? "none held" : isLive ? "in memory only" : "run out"}
          </text>
          <text x={OLDEST} y="34" textAnchor="middle">
            Issued
          </text>
          <text x={OLDEST} y="74" textAnchor="middle">
            {clockTime(issued, timeZone)}
          </text>
          {expires !== null && (
            <text x={endX} y="74" textAnchor="middle">
              {isLive ? "ends" : "ended"} {clockTime(expires, timeZone)}
            </text>
          )}
        </g>
        {isLive && (
          <text
            x={Math.min(endX, RIGHT - 20)}
            y="34"
            textAnchor="middle"
            className="fill-accent-ink font-label"
          >
            {lengthInWords(left)} left
          </text>
        )}

        <path d={`M${OLDEST} 126H${NOW}`} stroke="var(--accent)" strokeWidth="3" />
        <path
          d={`M${NOW + 6} 126H${RIGHT}`}
          stroke={isIdle ? "var(--danger-line)" : "var(--accent-line)"}
          strokeWidth="2"
          strokeDasharray="3 7"
        />
        <Knot x={OLDEST} y={126} />
        {showsRefresh && <Knot x={refreshedX} y={126} isHollow />}
        <Knot x={NOW} y={126} />
        {idle !== null && (
          <path d={`M${RIGHT} 118v16`} stroke="var(--line-control)" strokeWidth="2" />
        )}
        <g className="fill-ink-3">
          <text x="0" y="138">
            sealed in the vault
          </text>
          <text x={OLDEST - 8} y="110">
            Approved
          </text>
          <text x={OLDEST - 8} y="154">
            {shortDate(approved, now, timeZone)}
          </text>
          {showsRefresh && refreshed !== null && (
            <>
              <text x={refreshedX} y="110" textAnchor="middle">
                Refreshed
              </text>
              <text x={refreshedX} y="154" textAnchor="middle">
                {relativeTime(refreshed, now, { timeZone })}
              </text>
            </>
          )}
          <text x={RIGHT} y="154" textAnchor="end">
            {idle === null ? "as the org's policy says" : "each refresh moves it"}
          </text>
        </g>
        <text x={RIGHT} y="110" textAnchor="end" className="fill-ink font-label">
          {idle === null
            ? "No idle deadline known"
            : `Idle deadline, ${shortDate(idle, now, timeZone)}`}
        </text>
      </svg>
    </section>
  );
}

function Knot({ x, y, isHollow = false }: { x: number; y: number; isHollow?: boolean }) {
  return (
    <circle
      cx={x}
      cy={y}
      r={isHollow ? 3.5 : 4.5}
      fill={isHollow ? "var(--surface)" : "var(--accent)"}
      stroke="var(--accent)"
      strokeWidth="1.5"
    />
  );
}

/** The picture in words, for those who do not see it. */
function wordsOf({
  isLive,
  expires,
  idle,
  isIdle,
  approved,
  now,
  timeZone,
}: {
  isLive: boolean;
  expires: Date | null;
  idle: Date | null;
  isIdle: boolean;
  approved: Date;
  now: Date;
  timeZone: string;
}): { all: string } {
  const access =
    expires === null
      ? "No access token is held."
      : isLive
        ? `The access token has ${lengthInWords(expires.getTime() - now.getTime())} left.`
        : `The access token ran out ${relativeTime(expires, now, { timeZone })}.`;
  const refresh = `The refresh token was approved ${relativeTime(approved, now, { timeZone })}`;
  const deadline =
    idle === null
      ? "; its idle deadline is not known."
      : isIdle
        ? "; its idle deadline has passed."
        : `; it goes idle on ${shortDate(idle, now, timeZone)} unless it is used.`;
  return { all: `${access} ${refresh}${deadline}` };
}
