import type { ReactNode } from "react";
import { StudioFrame } from "#components/shell/studio-frame.tsx";
import { currentUser } from "#lib/auth/current-principal.ts";
import { deps } from "#lib/deps.ts";

export default async function StudioLayout({ children }: { children: ReactNode }) {
  const user = await currentUser();
  return (
    <StudioFrame user={user} now={deps().clock.now().toISOString()}>
      {children}
    </StudioFrame>
  );
}
