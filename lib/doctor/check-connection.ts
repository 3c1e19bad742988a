import "server-only";
import { recordEvent } from "#lib/audit/record-event.ts";
import { beginAttempt } from "#lib/auth/throttle.ts";
import { authHostOf, type Connection } from "#lib/connections/connection.ts";
import { shortened } from "#lib/connections/health.ts";
import { redirectUris } from "#lib/connections/redirect-uris.ts";
import { findConnection } from "#lib/connections/repository.ts";
import type { Env } from "#lib/core/env.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { type AskDeps, type Asked, ask } from "#lib/doctor/ask.ts";
import { type ConnectionFindings, judgeConnection } from "#lib/doctor/connection-rules.ts";
import { countDetail } from "#lib/doctor/event-detail.ts";
import type { DoctorReport } from "#lib/doctor/schema.ts";
import { doctorBucket } from "#lib/doctor/throttle-policy.ts";
import { environmentNames } from "#lib/doctor/words.ts";
import { type DecoderFacts, noFacts } from "#lib/grants/decoder.ts";
import { freshAccessToken, reasonOfRefusal } from "#lib/grants/fresh-access-token.ts";
import { findOwnGrant, type Grant, noteUse } from "#lib/grants/grant-repository.ts";
import type { RefreshEngine } from "#lib/grants/refresh-engine.ts";
import type { Greeting, Question } from "#lib/providers/checkup.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { checkupOf, providerOf } from "#lib/providers/registry.ts";

type Deps = AskDeps & {
  db: Database;
  random: Random;
  refreshes: RefreshEngine;
  settings: Pick<Env, "studioUrl" | "desktopAuthUrl">;
};

/**
 * Checks a connection with the caller's own grant, never with a teammate's (TEN-4). An access token that
 * has ended is refreshed first, as for any other use. Each question is asked once, all at the same time,
 * and within seconds; one that fails leaves the others as they are. A run leaves one event.
 *
 * @throws {NotFoundError} absent, or another team's
 * @throws {ThrottledError} the person checks too often
 */
export async function checkConnection(
  deps: Deps,
  principal: Principal,
  connectionId: string,
): Promise<DoctorReport> {
  await beginAttempt(deps, [doctorBucket(principal)]);
  const connection = await findConnection(deps.db, principal, connectionId);
  if (!connection) throw new NotFoundError();
  const grant = await findOwnGrant(deps.db, principal, connectionId);
  const startedMs = deps.clock.monotonicMs();
  const found = await examine(deps, connection, grant);
  const lines = judgeConnection(found);
  const at = deps.clock.now();
  await inTransaction(deps.db, async (tx) => {
    const isProven = lines.some(({ id, state }) => id === "who" && state === "pass");
    if (grant && isProven) await noteUse(tx, grant, at);
    await recordEvent(tx, deps, {
      action: "connection.checked",
      principal,
      target: { kind: "connection", id: connection.id },
      connectionId: connection.id,
      result: "success",
      detail: countDetail(lines),
    });
  });
  return {
    title: `MeshMesh Studio: check of ${connection.name}`,
    checkedAt: at.toISOString(),
    durationMs: Math.round(deps.clock.monotonicMs() - startedMs),
    subject: subjectOf(deps, found),
    lines,
  };
}

async function examine(
  deps: Deps,
  connection: Connection,
  grant: Grant | null,
): Promise<ConnectionFindings> {
  const provider = providerOf(connection.provider);
  const checkup = checkupOf(connection.provider);
  const tokenHost = authHostOf(connection);
  const { environment } = connection;
  const { accessToken, tokenRefusal } = await tokenOf(deps, grant);
  const questions = checkup.examination({
    tokenHost,
    instanceHost: grant?.instanceHost ?? connection.instanceHost,
    restHost: grant?.restHost ?? null,
  });
  const put = <Facts extends object>(question: Question<Facts>): Promise<Asked<Facts>> => {
    const { host, path, needsToken, read } = question;
    if (!needsToken) return ask(deps, { environment, host, path }, read);
    if (!accessToken) return Promise.resolve({ kind: "not_asked" });
    return ask(deps, { environment, host, path, accessToken }, read);
  };
  const door = checkup.knockAtLogin(tokenHost);
  const [login, who, api, place, limits] = await Promise.all([
    ask<Greeting>(deps, { environment, host: door.host, path: door.path }, (answer) =>
      door.read(answer, (url) => deps.addresses.hostOf(environment, url)),
    ),
    put(questions.who),
    put(questions.api),
    questions.place && put(questions.place),
    questions.limits && put(questions.limits),
  ]);
  return {
    connection,
    grant,
    hasLiveToken: accessToken !== null,
    tokenRefusal,
    missingScopes: grant ? provider.missingScopes(connection.scopes, grant.scopes) : [],
    now: deps.clock.now(),
    label: provider.label,
    tokenHost,
    redirectUris: redirectUris(deps.settings, connection.provider),
    facts: factsOf(deps, connection, tokenHost),
    login,
    who,
    api,
    place,
    limits,
  };
}

/** The caller's own token, refreshed where it has ended; or why there is none. */
async function tokenOf(
  deps: Deps,
  grant: Grant | null,
): Promise<{ accessToken: Secret | null; tokenRefusal: ReasonCode | null }> {
  if (grant?.state !== "active") return { accessToken: null, tokenRefusal: null };
  try {
    const { token } = await freshAccessToken(deps, grant);
    return { accessToken: token, tokenRefusal: null };
  } catch (error) {
    return { accessToken: null, tokenRefusal: reasonOfRefusal(error) };
  }
}

function factsOf(deps: Deps, connection: Connection, host: string): DecoderFacts {
  return {
    ...noFacts,
    provider: connection.provider,
    method: connection.method,
    environment: connection.environment,
    connectionId: connection.id,
    connectionName: connection.name,
    host,
    redirectUri: redirectUris(deps.settings, connection.provider).web,
    clientId: shortened(connection.clientId),
    scopes: connection.scopes,
    accountId: connection.accountId,
  };
}

function subjectOf(deps: Deps, found: ConnectionFindings): DoctorReport["subject"] {
  const { connection, grant, label, tokenHost } = found;
  const isConnected = grant !== null && grant.state !== "disconnected";
  return [
    { name: "Connection", value: connection.name },
    { name: "Provider", value: label },
    { name: "Environment", value: environmentNames[connection.environment] },
    { name: "Sign-in host", value: tokenHost },
    { name: "Client ID", value: shortened(connection.clientId) },
    ...(connection.accountId === null
      ? []
      : [{ name: "MID", value: String(connection.accountId) }]),
    ...(isConnected ? [{ name: "Connected as", value: grant.username }] : []),
    { name: "Studio", value: deps.settings.studioUrl },
  ];
}
