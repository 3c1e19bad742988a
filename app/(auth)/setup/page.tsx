import type { Metadata } from "next";
import { SetupForm } from "#components/auth/setup-form.tsx";
import { requireNoOwner } from "#lib/auth/current-principal.ts";

export const metadata: Metadata = { title: "Set up" };

export default async function SetupPage() {
  await requireNoOwner();
  return <SetupForm />;
}
