"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { ThemeProvider } from "next-themes";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useState } from "react";
import { Toaster } from "#components/ui/toaster.tsx";

/** What every page may rely on: theme, URL state, the query cache and toasts. */
export function Providers({ nonce, children }: { nonce: string; children: ReactNode }) {
  // Radix locks scrolling behind a dialog with a style element, which needs the page's nonce.
  useState(() => {
    if (typeof window !== "undefined") setNonce(nonce);
  });
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: { queries: { staleTime: 5_000, retry: 1, refetchOnWindowFocus: true } },
      }),
  );
  return (
    <ThemeProvider nonce={nonce} attribute="data-theme" defaultTheme="system" enableSystem>
      <NuqsAdapter>
        <QueryClientProvider client={queries}>
          {children}
          <Toaster />
        </QueryClientProvider>
      </NuqsAdapter>
    </ThemeProvider>
  );
}
