import type { ReactNode } from "react";
import { Logo } from "#components/ui/logo.tsx";

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <div className="grid min-h-dvh grid-rows-[auto_1fr] bg-surface">
      <header className="flex h-topbar items-center gap-2 px-4 font-title md:px-6">
        <Logo />
        MeshMesh Studio
      </header>
      <main className="mx-auto w-full max-w-[26rem] px-4 pt-6 pb-16 md:pt-[12vh]">{children}</main>
    </div>
  );
}
