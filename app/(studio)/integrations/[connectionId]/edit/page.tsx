import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { EditConnection } from "#components/connect/edit-connection.tsx";
import { connectOptions } from "#lib/connections/connect-options.ts";
import { deps } from "#lib/deps.ts";
import { viewOf } from "../view-of.ts";

export const metadata: Metadata = { title: "Edit" };

type Props = { params: Promise<{ connectionId: string }> };

export default async function EditConnectionPage({ params }: Props) {
  const connection = await viewOf((await params).connectionId);
  if (!connection.canEdit) notFound();
  return <EditConnection connection={connection} options={connectOptions(deps())} />;
}
