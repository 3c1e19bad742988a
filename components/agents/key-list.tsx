"use client";

import { KeyRound } from "lucide-react";
import { liveKeys, networkName } from "#components/agents/agent-words.ts";
import { revokeKey } from "#components/agents/calls.ts";
import { ConfirmEnd } from "#components/agents/confirm-end.tsx";
import { MakeKey } from "#components/agents/make-key.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { Help } from "#components/ui/field.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { AgentJson, AgentKeyJson } from "#lib/agents/schema.ts";
import { KEY_UNUSED_DAYS } from "#lib/agents/terms.ts";

/** The agent's keys: what counts in full, what is over behind a fold. */
export function KeyList({ agent, hasPassword }: { agent: AgentJson; hasPassword: boolean }) {
  const live = liveKeys(agent);
  const over = agent.keys.filter(({ state }) => state !== "live");
  const mayMake = agent.canEdit && agent.disabledAt === null;
  return (
    <div className="grid gap-3">
      {live.length === 0 ? (
        <p className="text-ink-2">
          {agent.canEdit
            ? "No key works. Make one, and give it to the tool that acts for you."
            : "No key works."}
        </p>
      ) : (
        <ul className="divide-y divide-line border-line border-y">
          {live.map((key) => (
            <KeyLine key={key.id} agent={agent} agentKey={key}>
              {mayMake && <MakeKey agentId={agent.id} replaces={key} hasPassword={hasPassword} />}
              {agent.canEnd && <Revoke agent={agent} agentKey={key} />}
            </KeyLine>
          ))}
        </ul>
      )}
      {mayMake && (
        <div className="flex flex-wrap items-center gap-3">
          <MakeKey
            agentId={agent.id}
            hasPassword={hasPassword}
            tone={live.length === 0 ? "primary" : "plain"}
          />
          {live.length > 0 && (
            <Help>A key that nobody used for {KEY_UNUSED_DAYS} days ends by itself.</Help>
          )}
        </div>
      )}
      {over.length > 0 && (
        <Disclosure summary={over.length === 1 ? "1 key is over" : `${over.length} keys are over`}>
          <ul className="mt-1 divide-y divide-line">
            {over.map((key) => (
              <KeyLine key={key.id} agent={agent} agentKey={key} />
            ))}
          </ul>
        </Disclosure>
      )}
    </div>
  );
}

function KeyLine({
  agentKey,
  children,
}: {
  agent: AgentJson;
  agentKey: AgentKeyJson;
  children?: React.ReactNode;
}) {
  const isLive = agentKey.state === "live";
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2.5">
      <KeyRound
        aria-hidden
        strokeWidth={1.5}
        className={cn("size-4 shrink-0", isLive ? "text-accent-ink" : "text-ink-3")}
      />
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-2 font-label">
          <span className="[overflow-wrap:anywhere]">{agentKey.name}</span>
          <code className="mono font-text text-ink-3">{agentKey.prefix}…</code>
          {agentKey.state === "revoked" && <Badge tone="danger">Revoked</Badge>}
          {agentKey.state === "ended" && <Badge>Ended</Badge>}
        </p>
        <p className="text-ink-3 text-xs">
          made <RelativeTime isPast at={agentKey.createdAt} />
          {agentKey.revokedAt !== null ? (
            <>
              , revoked <RelativeTime isPast at={agentKey.revokedAt} />
            </>
          ) : (
            agentKey.expiresAt !== null && (
              <>
                , {isLive ? "ends" : "ended"} <RelativeTime at={agentKey.expiresAt} />
              </>
            )
          )}
          {" · "}
          {agentKey.lastUsedAt === null ? (
            "never used"
          ) : (
            <>
              used <RelativeTime isPast at={agentKey.lastUsedAt} />
            </>
          )}
          <NetworksOf agentKey={agentKey} />
        </p>
      </div>
      {children !== undefined && <div className="flex gap-2">{children}</div>}
    </li>
  );
}

/** Where it was used from, the newest first. */
function NetworksOf({ agentKey }: { agentKey: AgentKeyJson }) {
  const networks = agentKey.networks.filter(({ state }) => state !== "held");
  const [newest, ...more] = networks;
  if (newest === undefined) return null;
  return (
    <>
      {" from "}
      <span className="mono" title={networks.map(({ network }) => network).join(", ")}>
        {networkName(newest.network)}
      </span>
      {more.length > 0 && ` and ${more.length} more`}
    </>
  );
}

function Revoke({ agent, agentKey }: { agent: AgentJson; agentKey: AgentKeyJson }) {
  return (
    <ConfirmEnd
      label="Revoke"
      labelFor={agentKey.name}
      size="sm"
      title={`Revoke ${agentKey.name}`}
      lines={[
        "Whatever uses it is refused within a second.",
        "What it has borrowed ends with it.",
        `Other keys of ${agent.name} go on.`,
      ]}
      confirmLabel="Revoke the key"
      cancelLabel="Keep it"
      busyLabel="Revoking"
      done={`${agentKey.name} was revoked`}
      work={() => revokeKey(agent.id, agentKey.id)}
    />
  );
}
