import "server-only";
import { recordEvent } from "#lib/audit/record-event.ts";
import { beginAttempt } from "#lib/auth/throttle.ts";
import { shortened } from "#lib/connections/health.ts";
import { redirectUris } from "#lib/connections/redirect-uris.ts";
import type { ConnectionDefinition } from "#lib/connections/schema.ts";
import type { Env } from "#lib/core/env.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { type AskDeps, type Asked, ask } from "#lib/doctor/ask.ts";
import { judgeDefinition } from "#lib/doctor/definition-rules.ts";
import { type Draft, readDraft } from "#lib/doctor/draft.ts";
import { countDetail } from "#lib/doctor/event-detail.ts";
import type { DoctorReport } from "#lib/doctor/schema.ts";
import { doctorBucket } from "#lib/doctor/throttle-policy.ts";
import { environmentNames } from "#lib/doctor/words.ts";
import { noFacts } from "#lib/grants/decoder.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import type { Greeting, Knock } from "#lib/providers/checkup.ts";
import { checkupOf, providerOf } from "#lib/providers/registry.ts";

type Deps = AskDeps & {
  db: Database;
  random: Random;
  settings: Pick<Env, "salesforce" | "demoUrl" | "studioUrl" | "desktopAuthUrl">;
};

/**
 * Checks a definition before anybody consents. Nothing is stored but one event, and no secret is sent
 * or given back: calls carry no token, and go only to hosts of the provider's rules (NET-2). All calls
 * run at once and end within seconds.
 *
 * @throws {ThrottledError} the person checks too often
 */
export async function checkDefinition(
  deps: Deps,
  principal: Principal,
  definition: ConnectionDefinition,
): Promise<DoctorReport> {
  requireMay(principal, "connection.create");
  await beginAttempt(deps, [doctorBucket(principal)]);
  const startedMs = deps.clock.monotonicMs();
  const draft = readDraft(deps.settings, definition);
  const checkup = checkupOf(definition.provider);
  const { label } = providerOf(definition.provider);
  const { address } = draft;
  const apiHost = address.ok ? address.apiHost : null;
  const [login, api] = await Promise.all([
    knock(deps, definition, address.ok ? checkup.knockAtLogin(address.loginHost) : null),
    checkup.knockAtApi === null
      ? null
      : knock(deps, definition, apiHost === null ? null : checkup.knockAtApi(apiHost)),
  ]);
  const uris = redirectUris(deps.settings, definition.provider);
  const lines = judgeDefinition({
    definition,
    draft,
    checkup,
    label,
    login,
    api,
    redirectUris: uris,
    studioUrl: deps.settings.studioUrl,
    facts: {
      ...noFacts,
      provider: definition.provider,
      method: definition.method,
      environment: definition.environment,
      connectionName: definition.name,
      host: address.ok ? address.loginHost : null,
      redirectUri: uris.web,
      scopes: definition.scopes,
    },
  });
  await inTransaction(deps.db, (tx) =>
    recordEvent(tx, deps, {
      action: "connection.draft_checked",
      principal,
      result: "success",
      detail: {
        provider: definition.provider,
        environment: definition.environment,
        host: address.ok ? address.loginHost : null,
        ...countDetail(lines),
      },
    }),
  );
  return {
    title: `MeshMesh Studio: check of ${definition.name}, before connecting`,
    checkedAt: deps.clock.now().toISOString(),
    durationMs: Math.round(deps.clock.monotonicMs() - startedMs),
    subject: subjectOf(deps, definition, draft, label),
    lines,
  };
}

function knock(
  deps: AskDeps,
  { environment }: Pick<ConnectionDefinition, "environment">,
  door: Knock | null,
): Promise<Asked<Greeting>> {
  if (door === null) return Promise.resolve({ kind: "not_asked" });
  const hostOf = (url: string) => deps.addresses.hostOf(environment, url);
  return ask<Greeting>(deps, { environment, host: door.host, path: door.path }, (answer) =>
    door.read(answer, hostOf),
  );
}

function subjectOf(
  deps: Deps,
  definition: ConnectionDefinition,
  { address, app }: Draft,
  label: string,
): DoctorReport["subject"] {
  // A secret that was typed in the wrong field is not shown, not even in part.
  const shape = app.ok ? checkupOf(definition.provider).clientIdShape(app.clientId) : null;
  const isShown = app.ok && !(shape?.kind === "wrong" && shape.isSecret);
  return [
    { name: "Connection", value: definition.name },
    { name: "Provider", value: label },
    { name: "Environment", value: environmentNames[definition.environment] },
    ...(address.ok ? [{ name: "Sign-in host", value: address.loginHost }] : []),
    ...(isShown ? [{ name: "Client ID", value: shortened(app.clientId) }] : []),
    ...(definition.provider === "marketing-cloud" && definition.accountId !== undefined
      ? [{ name: "MID", value: String(definition.accountId) }]
      : []),
    { name: "Studio", value: deps.settings.studioUrl },
  ];
}
