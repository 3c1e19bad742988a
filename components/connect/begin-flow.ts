"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { callApi, problemWords } from "#components/ui/api.ts";
import type { StartedFlow } from "#lib/grants/schema.ts";
import type { Surface } from "#lib/providers/vocabulary.ts";

/** What only this page's memory knows of a flow; a reload forgets it on purpose (OA-9). */
export type RememberedFlow = { authorizeUrl: string; wasBlocked: boolean };

const remembered = new Map<string, RememberedFlow>();

export function rememberedFlow(flowId: string): RememberedFlow | null {
  return remembered.get(flowId) ?? null;
}

export function forgetFlow(flowId: string): void {
  remembered.delete(flowId);
}

/**
 * Opens the window for a sign-in. Call it inside the click itself, before anything is awaited: a
 * window that opens later counts as unasked for and is blocked. Null when it was blocked anyway.
 */
export function openSignInWindow(): Window | null {
  const opened = window.open("", "_blank", "popup,width=560,height=760");
  if (opened) {
    opened.document.title = "Opening the sign-in page";
    opened.document.body.textContent = "Opening the sign-in page …";
  }
  return opened;
}

/** Sends a window of ours to the provider, without a way back to this page. */
export function sendToProvider(opened: Window, authorizeUrl: string): void {
  opened.opener = null;
  opened.location.replace(authorizeUrl);
}

export type BeginFlow = {
  connectionId: string;
  surface?: Surface;
  /** A path of ours, where to go after connecting. */
  returnTo?: string;
};

/**
 * Begins a flow for the person to finish elsewhere, or in this tab.
 *
 * @throws {ApiProblem} the studio refused
 */
export function startFlow({ connectionId, surface, returnTo }: BeginFlow): Promise<StartedFlow> {
  return callApi(
    `/api/connections/${encodeURIComponent(connectionId)}/flows`,
    async () => (await import("#lib/grants/schema.ts")).startedFlowSchema,
    {
      method: "POST",
      body: {
        ...(surface !== undefined && { surface }),
        ...(returnTo !== undefined && { returnTo }),
      },
    },
  );
}

/**
 * Begins a flow in an opened window and returns its id; the window is closed again on failure.
 *
 * @param opened - from `openSignInWindow`; null when the browser blocked it
 * @throws {ApiProblem} the studio refused
 */
export async function beginFlow(flow: BeginFlow, opened: Window | null): Promise<string> {
  try {
    const started = await startFlow(flow);
    remembered.set(started.flowId, {
      authorizeUrl: started.authorizeUrl,
      wasBlocked: opened === null || opened.closed,
    });
    if (opened && !opened.closed) sendToProvider(opened, started.authorizeUrl);
    return started.flowId;
  } catch (error) {
    opened?.close();
    throw error;
  }
}

export const flowPath = (flowId: string) => `/integrations/flows/${flowId}` as Route;

/** For every Connect and Reconnect button: `begin` goes straight into `onClick`. */
export function useBeginFlow(): {
  begin: (flow: BeginFlow) => void;
  isBusy: boolean;
  /** Words to show beside the button; null while all is well. */
  error: string | null;
} {
  const router = useRouter();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  return {
    isBusy,
    error,
    begin(flow) {
      const opened = openSignInWindow();
      setIsBusy(true);
      setError(null);
      beginFlow(flow, opened).then(
        (flowId) => router.push(flowPath(flowId)),
        (cause) => {
          setIsBusy(false);
          setError(problemWords(cause));
        },
      );
    },
  };
}
