import { Cloud, Mail } from "lucide-react";
import { cn } from "#components/ui/cn.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

export const providerNames: Record<ProviderName, string> = {
  salesforce: "Salesforce",
  "marketing-cloud": "Marketing Cloud Engagement",
};

/** A line glyph that stands in for a provider; its logo is not redrawn. */
export function ProviderIcon({
  provider,
  className,
}: {
  provider: ProviderName;
  className?: string;
}) {
  const Icon = provider === "salesforce" ? Cloud : Mail;
  return <Icon aria-hidden strokeWidth={1.5} className={cn("size-4 shrink-0", className)} />;
}
