"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";
import {
  beginFlow,
  flowPath,
  forgetFlow,
  openSignInWindow,
  rememberedFlow,
} from "#components/connect/begin-flow.ts";
import { ConfirmIdentity } from "#components/connect/confirm-identity.tsx";
import { Connected } from "#components/connect/connected.tsx";
import { factsOf, providerLabels } from "#components/connect/connection-words.ts";
import { announce, listen } from "#components/connect/flow-channel.ts";
import {
  cancelFlow,
  confirmFlow,
  flowKey,
  flowOptions,
  reportFlow,
} from "#components/connect/queries.ts";
import { unitsReturn } from "#components/connect/units-return.ts";
import { Waiting } from "#components/connect/waiting.tsx";
import { Stopped } from "#components/decoder/stopped.tsx";
import { Breadcrumbs, FlowColumn, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { problemWords } from "#components/ui/api.ts";
import { Steps } from "#components/ui/steps.tsx";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import type { FlowJson } from "#lib/grants/schema.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

const CLOSE_AFTER_MS = 1_600;
const steps = ["Details", "Sign in", "Connected"];

const fallbackReasons: Partial<Record<FlowJson["state"], ReasonCode>> = {
  failed: "authorization_failed",
  expired: "flow_expired",
  cancelled: "cancelled",
};

/**
 * One flow from waiting to its end. The page that began it waits here; the window that went to the
 * provider comes back to the same address and shows the outcome, then closes itself if the waiting
 * page has it too.
 *
 * @param props.initialNow - ISO 8601, the server's clock when it rendered
 */
export function FlowScreen({
  initialFlow,
  connection,
  packageId,
  initialNow,
}: {
  initialFlow: FlowJson;
  connection: ConnectionJson;
  packageId: string;
  initialNow: string;
}) {
  const router = useRouter();
  const queries = useQueryClient();
  const { data: flow = initialFlow } = useQuery({
    ...flowOptions(initialFlow.id),
    initialData: initialFlow,
    staleTime: 0,
    refetchOnMount: false,
  });
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const refresh = useCallback(
    () => queries.invalidateQueries({ queryKey: flowKey(initialFlow.id) }),
    [queries, initialFlow.id],
  );
  const didWait = useOutcomeNews(flow, initialFlow, refresh);
  const [skewMs] = useState(() => Date.parse(initialNow) - Date.now());

  // One of several units in a row: its page shows how each stands and carries on.
  const unitsPath = unitsReturn(flow);
  useEffect(() => {
    if (unitsPath !== null) router.replace(unitsPath);
  }, [router, unitsPath]);

  const act = (work: () => Promise<unknown>) => {
    setIsBusy(true);
    setError(null);
    work()
      .catch((cause) => setError(problemWords(cause)))
      .finally(() => setIsBusy(false));
  };

  /** Begins anew with the same connection. Called inside the click. */
  const beginAgain = () => {
    const opened = openSignInWindow();
    act(async () => {
      // An open flow that nobody can finish any more is closed first; one that ended needs nothing.
      if (flow.state === "waiting") await cancelFlow(flow.id).catch(() => undefined);
      const surface = connection.surfaces.includes("web") ? "web" : "desktop";
      const next = await beginFlow(
        {
          connectionId: connection.id,
          surface,
          ...(flow.returnTo !== null && { returnTo: flow.returnTo }),
        },
        opened,
      );
      forgetFlow(flow.id);
      router.replace(flowPath(next));
    });
  };

  const label = providerLabels[connection.provider];
  const reason = flow.reason ?? fallbackReasons[flow.state] ?? "server_error";
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[
            { name: "Integrations", href: "/integrations" },
            { name: `Connect ${label}` },
            { name: connection.name },
          ]}
        />
        <Steps names={steps} current={flow.state === "connected" ? 2 : 1} />
      </TopBar>
      <PageBody>
        <FlowColumn>
          {flow.state === "waiting" && (
            <Waiting
              flow={flow}
              connection={connection}
              initialNow={initialNow}
              remembered={rememberedFlow(flow.id)}
              isBusy={isBusy}
              error={error}
              onBeginAgain={beginAgain}
              onSaw={(saw) =>
                act(async () => {
                  await reportFlow(flow.id, saw);
                  await refresh();
                })
              }
              onCancel={() =>
                act(async () => {
                  await cancelFlow(flow.id);
                  await refresh();
                })
              }
            />
          )}
          {flow.state === "connected" && (
            <Connected flow={flow} connection={connection} isOwnWindow={!didWait} />
          )}
          {flow.state === "needs_confirmation" && (
            <ConfirmIdentity
              flow={flow}
              connection={connection}
              isBusy={isBusy}
              error={error}
              onConfirm={() =>
                act(async () => {
                  await confirmFlow(flow.id);
                  await refresh();
                })
              }
              onRefuse={() =>
                act(async () => {
                  await cancelFlow(flow.id);
                  await refresh();
                })
              }
            />
          )}
          {(flow.state === "failed" || flow.state === "expired" || flow.state === "cancelled") && (
            <Stopped
              reason={reason}
              facts={factsOf(connection, flow, packageId)}
              again={{ begin: beginAgain, isBusy, error }}
              endedAt={flow.endedAt && onClock(flow.endedAt, skewMs)}
              state={flow.state}
              technical={[
                ...(flow.providerCode === null ? [] : ([["provider", flow.providerCode]] as const)),
                ["host", flow.authorizeHost],
                ["redirect", flow.redirectUri],
                ["flow", `${flow.id} · ${flow.createdAt}`],
              ]}
            />
          )}
        </FlowColumn>
      </PageBody>
    </>
  );
}

/** A moment of the server's as this browser's clock shows it. */
const onClock = (at: string, skewMs: number) => new Date(Date.parse(at) - skewMs).toISOString();

/** Tells the other pages about an end, and moves focus to what is new on this one. */
function useOutcomeNews(
  flow: FlowJson,
  initialFlow: FlowJson,
  refresh: () => Promise<void>,
): boolean {
  const didWait = initialFlow.state === "waiting";
  const lastState = useRef(initialFlow.state);
  const { id, state, connectionId } = flow;

  useEffect(() => {
    if (state === "waiting") return;
    announce({ type: "flow-ended", flowId: id, connectionId, state });
    if (didWait) announce({ type: "flow-seen", flowId: id });
    if (lastState.current !== state) {
      lastState.current = state;
      // The page changed under the reader: take them to its new heading.
      document.querySelector<HTMLElement>("h1[tabindex]")?.focus();
    }
  }, [id, state, connectionId, didWait]);

  useEffect(
    () =>
      listen((news) => {
        if (news.flowId !== id) return;
        if (news.type === "flow-ended" && didWait) {
          if (state === "waiting") void refresh();
          else announce({ type: "flow-seen", flowId: id });
        }
        if (news.type === "flow-seen" && !didWait && state === "connected") {
          // Refused by the browser unless a script of ours opened this window.
          setTimeout(() => window.close(), CLOSE_AFTER_MS);
        }
      }),
    [id, state, didWait, refresh],
  );
  return didWait;
}
