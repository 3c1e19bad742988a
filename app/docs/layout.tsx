import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { StudioFrame } from "#components/shell/studio-frame.tsx";
import { Logo } from "#components/ui/logo.tsx";
import { findCurrentUser, requirePrincipal } from "#lib/auth/current-principal.ts";
import { deps } from "#lib/deps.ts";
import { countInbox } from "#lib/plans/count-inbox.ts";

/** The guide is for everybody: an administrator who was sent a link has no account here. */
export default async function DocsLayout({ children }: { children: ReactNode }) {
  const user = await findCurrentUser();
  if (user) {
    return (
      <StudioFrame
        user={user}
        now={deps().clock.now().toISOString()}
        inbox={await countInbox(deps(), await requirePrincipal())}
      >
        {children}
      </StudioFrame>
    );
  }
  return (
    <div className="min-h-dvh bg-surface">
      <header className="flex h-topbar items-center gap-2 border-line border-b px-4 font-title md:px-6">
        <Logo />
        MeshMesh Studio
        <Link
          href={"/sign-in" as Route}
          className="ml-auto font-text text-accent-ink text-sm hover:underline"
        >
          Sign in
        </Link>
      </header>
      <main id="main">{children}</main>
    </div>
  );
}
