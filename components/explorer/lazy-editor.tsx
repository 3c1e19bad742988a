"use client";

import dynamic from "next/dynamic";
import { Skeleton } from "#components/ui/skeleton.tsx";

/** The code editor, loaded when a form with one is opened. */
export const LazyEditor = dynamic(() => import("#components/explorer/code-editor.tsx"), {
  ssr: false,
  loading: () => <Skeleton className="h-24 w-full rounded-2" />,
});
