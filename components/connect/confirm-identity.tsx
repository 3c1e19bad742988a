"use client";

import { providerLabels } from "#components/connect/connection-words.ts";
import { FlowHeading } from "#components/connect/flow-heading.tsx";
import { Lead } from "#components/shell/top-bar.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { Facts, Panel } from "#components/ui/panel.tsx";
import { ThreadPicture } from "#components/ui/thread-picture.tsx";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import { groupMid } from "#lib/grants/decoder.ts";
import type { FlowJson } from "#lib/grants/schema.ts";

type Identity = NonNullable<FlowJson["identities"]>["now"];

/** Another person, or another org, came back than before: both side by side, and a choice (OA-8). */
export function ConfirmIdentity({
  flow,
  connection,
  isBusy,
  error,
  onConfirm,
  onRefuse,
}: {
  flow: FlowJson;
  connection: ConnectionJson;
  isBusy: boolean;
  error: string | null;
  onConfirm: () => void;
  onRefuse: () => void;
}) {
  const label = providerLabels[connection.provider];
  const { identities } = flow;
  const isSamePlace =
    identities !== null &&
    identities.before.orgId === identities.now.orgId &&
    identities.before.memberId === identities.now.memberId;
  const place = connection.provider === "marketing-cloud" ? "business unit" : "org";
  return (
    <>
      <ThreadPicture
        state="confirm"
        provider={label}
        label={`Signed in at ${label}, waiting for your word`}
      />
      <FlowHeading>
        {isSamePlace ? "A different user came back" : `A different ${place} came back`}
      </FlowHeading>
      <Lead>
        <b className="font-label text-ink">{connection.name}</b>{" "}
        <EnvironmentBadge environment={connection.environment} /> was connected differently before.
        Agents that use this connection would act as the new one from now on.
      </Lead>
      {identities && (
        <div className="mt-5 grid gap-3 md:grid-cols-2">
          <IdentityPanel name="Before" identity={identities.before} other={identities.now} />
          <IdentityPanel name="Now" identity={identities.now} other={identities.before} />
        </div>
      )}
      <div className="mt-5 flex flex-wrap items-center gap-2">
        <Button onClick={onRefuse} isBusy={isBusy}>
          Keep the earlier one
        </Button>
        <Button onClick={onConfirm} isBusy={isBusy} tone="act">
          Change to the new one
        </Button>
      </div>
      {error !== null && (
        <div role="alert" className="mt-3">
          <FieldError>{error}</FieldError>
        </div>
      )}
    </>
  );
}

function IdentityPanel({
  name,
  identity,
  other,
}: {
  name: string;
  identity: Identity;
  other: Identity;
}) {
  const rows: [label: string, value: string | null, isOther: boolean, isMono: boolean][] = [
    ["User", identity.username, identity.username !== other.username, false],
    ["Name", identity.displayName, identity.displayName !== other.displayName, false],
    ["Org", identity.orgName, identity.orgName !== other.orgName, false],
    ["Org ID", identity.orgId, identity.orgId !== other.orgId, true],
    [
      "MID",
      identity.memberId === null ? null : groupMid(identity.memberId),
      identity.memberId !== other.memberId,
      true,
    ],
  ];
  return (
    <Panel titleLevel={2} title={name} tone={name === "Now" ? "warn" : "plain"}>
      <Facts
        className="grid-cols-[3.5rem_minmax(0,1fr)]"
        items={rows
          .filter(([, value]) => value !== null)
          .map(([label, value, isOther, isMono]) => ({
            name: label,
            isMono,
            value: (
              <>
                {value} {isOther && name === "Now" && <Badge tone="warn">new</Badge>}
              </>
            ),
          }))}
      />
    </Panel>
  );
}
