import type { ReactNode } from "react";
import { StudioFrame } from "#components/shell/studio-frame.tsx";
import { currentUser, requirePrincipal } from "#lib/auth/current-principal.ts";
import { deps } from "#lib/deps.ts";
import { countInbox } from "#lib/plans/count-inbox.ts";

export default async function StudioLayout({ children }: { children: ReactNode }) {
  const user = await currentUser();
  const inbox = await countInbox(deps(), await requirePrincipal());
  return (
    <StudioFrame user={user} now={deps().clock.now().toISOString()} inbox={inbox}>
      {children}
    </StudioFrame>
  );
}
