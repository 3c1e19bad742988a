import { cn } from "#components/ui/cn.ts";
import type { Environment } from "#lib/connections/schema.ts";

export const environmentWords: Record<Environment, string> = {
  production: "Production",
  sandbox: "Sandbox",
  custom: "Custom domain",
  demo: "Demo",
};

const tones: Record<Environment, string> = {
  production: "border-env-production-line bg-env-production-tint text-env-production-ink",
  sandbox: "border-env-sandbox-line bg-env-sandbox-tint text-env-sandbox-ink",
  custom: "border-env-custom-line bg-env-custom-tint text-env-custom-ink",
  demo: "border-dashed border-env-demo-line bg-env-demo-tint text-env-demo-ink",
};

/** Mark and word of an environment, always together: wherever an org is named, this goes with it. */
export function EnvironmentBadge({
  environment,
  className,
}: {
  environment: Environment;
  className?: string;
}) {
  return (
    <span
      className={cn(
        "inline-flex h-5 max-w-full items-center gap-[5px] rounded-1 border pr-[7px] pl-1.5 align-middle font-label text-2xs tracking-none whitespace-nowrap",
        tones[environment],
        className,
      )}
    >
      <EnvironmentMark environment={environment} />
      <span className="truncate">{environmentWords[environment]}</span>
    </span>
  );
}

/** The shape alone; only where the word stands right beside it. */
export function EnvironmentMark({ environment }: { environment: Environment }) {
  return (
    <svg viewBox="0 0 8 8" className="size-2 shrink-0" aria-hidden="true">
      {environment === "production" && <rect width="8" height="8" rx="1" fill="currentColor" />}
      {environment === "sandbox" && (
        <>
          <rect
            x=".7"
            y=".7"
            width="6.6"
            height="6.6"
            rx="1"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
          />
          <path d="M.7 7.3V.7H4v6.6z" fill="currentColor" />
        </>
      )}
      {environment === "custom" && <path d="M4 .3 7.7 4 4 7.7.3 4z" fill="currentColor" />}
      {environment === "demo" && (
        <circle
          cx="4"
          cy="4"
          r="3"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          strokeDasharray="2 1.6"
        />
      )}
    </svg>
  );
}
