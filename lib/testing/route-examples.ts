import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Principal } from "#lib/core/principal.ts";
import type { StudioDeps } from "#lib/deps.ts";
import { contentOfStep, hashOfPlan } from "#lib/plans/plan-content.ts";
import { PROXIED_CALL, proxiedStep } from "#lib/plans/proxied-step.ts";
import { createSummary } from "#lib/plans/summary.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import type { TestStudio } from "#lib/testing/studio.ts";

/** An id for each `[name]` in a route's path. */
export type RouteIds = Record<string, string>;

/** Names in paths that are the same for everybody: no row, nobody's own. */
export const registryNames: RouteIds = {
  operationId: "marketing-cloud.data-extensions.list",
  position: "1",
};

const passkey = { id: "AA", rawId: "AA", type: "public-key", clientExtensionResults: {} };

/**
 * A body that is fine for each change that takes one, by method and path; a function where it names what
 * is the caller's. A new route that wants a body is named by the tests until it has its line here.
 */
const exampleBodies: Record<string, unknown> = {
  "POST /api/agents": { name: "Nightly report" },
  "PATCH /api/agents/[agentId]": { name: "Renamed" },
  "POST /api/agents/[agentId]/keys": {},
  "POST /api/agents/[agentId]/standing-approvals": ({ unitsConnectionId }: RouteIds) => ({
    connectionId: unitsConnectionId,
    operationId: "marketing-cloud.rows.upsert",
    usesMost: 1,
    recordsMost: 1,
    until: "2026-03-09T09:00:00.000Z",
    typedName: givenDefinitions.haldenUnit.name,
  }),
  "POST /api/connection-requests/[requestId]/answer": { decline: true },
  "POST /api/connections": givenDefinitions.halden,
  "PATCH /api/connections/[connectionId]": { name: "Renamed" },
  "POST /api/doctor": givenDefinitions.halden,
  "POST /api/connections/[connectionId]/flows": {},
  "PATCH /api/grants/[grantId]": { allowsRawLeases: true },
  "POST /api/connections/[connectionId]/business-units": { accountIds: [100_000_001] },
  "POST /api/operations/[operationId]": ({ unitsConnectionId }: RouteIds) => ({
    connectionId: unitsConnectionId,
    input: {},
  }),
  "POST /api/plans": ({ unitsConnectionId }: RouteIds) => planOf(unitsConnectionId),
  "PUT /api/plans/[planId]": ({ unitsConnectionId }: RouteIds) => ({
    ...planOf(unitsConnectionId),
    version: 1,
  }),
  "POST /api/plans/[planId]/approve": { hash: "0".repeat(64) },
  "POST /api/plans/[planId]/reject": { reason: "Not today." },
  "POST /api/plans/[planId]/steps/[position]/resolve": { outcome: "applied" },
  "PUT /api/team/four-eyes": { kinds: ["destructive"] },
  "POST /api/invitations/join": { token: "x".repeat(43) },
  "POST /api/password": {
    currentPassword: "not it",
    newPassword: "velvet otter ninth orbit kayak",
  },
  "POST /api/password/confirm": { password: "not it" },
  "POST /api/second-factor/passkeys": {
    name: "Key",
    made: { ...passkey, response: { clientDataJSON: "e30", attestationObject: "AA" } },
  },
  "POST /api/second-factor/step/code": { code: "000000" },
  "POST /api/second-factor/step/passkey": {
    answer: {
      ...passkey,
      response: { clientDataJSON: "e30", authenticatorData: "AA", signature: "AA" },
    },
  },
  "POST /api/second-factor/step/recovery-code": { code: "AAAA-BBBB" },
  "POST /api/second-factor/totp/[factorId]/confirm": { name: "Phone", code: "000000" },
  "PATCH /api/team": { name: "Renamed" },
  "POST /api/team/domains": { domain: "somebody-new.example" },
  "POST /api/team/invitations": { email: "somebody.new@a.example" },
  "PATCH /api/team/members/[userId]": { role: "member" },
  "POST /api/teams": { name: "Another team" },
};

const planOf = (connectionId: string | undefined) => ({
  title: "Tidy up",
  operations: [
    {
      operationId: "marketing-cloud.rows.delete",
      connectionId,
      input: { key: "Orders", rows: [{ OrderId: "O000001" }] },
    },
  ],
});

/** A query that is fine, for each route that cannot do without. */
export const exampleQueries: Record<string, (ids: RouteIds) => string> = {
  "GET /api/audit/export": () => "?format=ndjson",
  "GET /api/operations": ({ connectionId }) => `?connectionId=${connectionId}`,
};

/** The example's body, for this caller. */
export function exampleBody(route: string, ids: RouteIds): unknown {
  const body = exampleBodies[route];
  return typeof body === "function" ? body(ids) : body;
}

/** Routes that strangers may call, or that prove who asks in a way of their own. */
export const routesWithoutRole: ReadonlySet<string> = new Set([
  "GET /api/auth/[...nextauth]",
  "GET /api/openapi.json",
  "POST /api/auth/[...nextauth]",
  "POST /api/invitations/accept",
  "POST /api/setup",
]);

const hash = () => Uint8Array.from(createHash("sha256").update(randomBytes(32)).digest());

/** One of everything that has an id in a route, all of it this person's. */
export async function givenOneOfEach(
  { deps, given }: Pick<TestStudio, "deps" | "given">,
  person: Principal,
  inviter: Principal,
): Promise<RouteIds> {
  const connectionId = await given.connection(person, givenDefinitions.halden);
  const unitsConnectionId = await given.connection(person, givenDefinitions.haldenUnit);
  await givenGrant(deps, person, unitsConnectionId);
  const connections = [connectionId, unitsConnectionId];
  const { agentId, keyId } = await givenAgent(deps, person, { connections });
  return {
    agentId,
    keyId,
    approvalId: await givenStandingApproval(deps, person, agentId, unitsConnectionId),
    requestId: await givenConnectionRequest(deps, person, agentId),
    planId: await givenPlan(deps, person, { agentId, keyId, connectionId }),
    connectionId,
    unitsConnectionId,
    grantId: await givenGrant(deps, person, connectionId),
    leaseId: await givenLease(deps, person, connectionId),
    flowId: await givenFlow(deps, person, connectionId),
    revocationId: await givenRevocation(deps, person, connectionId),
    sessionId: person.sessionId,
    factorId: await givenFactor(deps, person),
    identityId: await givenIdentity(deps, person),
    domainId: await givenDomain(deps, person),
    userId: person.userId,
    teamId: person.teamId,
    invitationId: await givenInvitation(deps, inviter),
  };
}

/** A word that this person gave their agent beforehand. */
async function givenStandingApproval(
  deps: StudioDeps,
  { teamId, userId: ownerId }: Principal,
  agentId: string,
  connectionId: string,
): Promise<string> {
  const id = randomUUID();
  const createdAt = deps.clock.now();
  await deps.db.standingApproval.create({
    data: {
      id,
      teamId,
      ownerId,
      agentId,
      connectionId,
      operationId: "marketing-cloud.rows.upsert",
      effect: "write",
      target: {},
      usesMost: 1,
      usesLeft: 1,
      recordsMost: 1,
      createdAt,
      until: new Date(createdAt.getTime() + 600_000),
    },
  });
  return id;
}

/** An agent asks this person for a connection. */
async function givenConnectionRequest(
  deps: StudioDeps,
  { teamId, userId: ownerId }: Principal,
  agentId: string,
): Promise<string> {
  const id = randomUUID();
  const createdAt = deps.clock.now();
  const expiresAt = new Date(createdAt.getTime() + 600_000);
  const by = { teamId, ownerId, agentId };
  await deps.db.connectionRequest.create({
    data: { id, ...by, state: "waiting", createdAt, expiresAt },
  });
  return id;
}

/** A plan of one step that this agent proposed: whose it is matters here, not what it would do. */
async function givenPlan(
  deps: StudioDeps,
  { teamId, userId: ownerId }: Principal,
  { agentId, keyId, connectionId }: { agentId: string; keyId: string; connectionId: string },
): Promise<string> {
  const id = randomUUID();
  const createdAt = deps.clock.now();
  const plan = { id, teamId, ownerId, version: 1, expiresAt: new Date(+createdAt + 3_600_000) };
  const target = {
    connectionId,
    name: "Halden Production",
    provider: "salesforce" as const,
    environment: "production" as const,
    isProduction: true,
    orgId: "00D000000000001EAA",
    memberId: null,
    orgName: "Halden",
    username: "dana.kowalczyk@halden.example",
    providerUserId: "005000000000001AAA",
  };
  const path = "/services/data/v62.0/sobjects/Contact/003000000000001AAA";
  const request = { door: "rest", method: "DELETE", path, query: "", body: null } as const;
  const step = proxiedStep(
    { ...request, contentType: null, soapAction: null, headers: {} },
    { class: "write", operation: "sobjects.delete" },
  );
  const operationId = PROXIED_CALL;
  const host = "halden.my.salesforce.com";
  const { content, hash: stepHash } = contentOfStep(
    {
      ...{ plan, position: 1, operationId, input: null, inputPosition: 1 },
      target: { ...target, host },
    },
    step,
  );
  const summary = createSummary();
  summary.add(target, { ...step, warnings: step.preview.warnings }, stepHash);
  const { stepHashes, stepCount, connectionIds, ...summed } = summary.all();
  const by = { agentId, keyId, proposedById: null, title: step.title, reason: "" };
  await deps.db.plan.create({
    data: {
      ...{ ...plan, ...by, ...summed, stepCount, connectionIds },
      hash: hashOfPlan({ ...plan, ...by, ...summed }, stepHashes),
      ...{ state: "proposed", createdAt, updatedAt: createdAt },
    },
  });
  const { title, effect, records, recipients } = step;
  await deps.db.planStep.create({
    data: {
      ...{ planId: id, version: 1, position: 1, connectionId, operationId },
      ...{ title, effect, records, recipients, content, hash: stepHash },
    },
  });
  return id;
}

/** A grant whose token is gone: whose it is matters here, not what it could do. */
async function givenGrant(
  deps: StudioDeps,
  { teamId, userId }: Principal,
  connectionId: string,
): Promise<string> {
  const id = randomUUID();
  await deps.db.grant.create({
    data: {
      id,
      teamId,
      userId,
      connectionId,
      state: "active",
      surface: "web",
      scopes: ["api"],
      missingScopes: [],
      providerUserId: "005000000000001AAA",
      username: "dana.kowalczyk@halden.example",
      connectedAt: deps.clock.now(),
    },
  });
  return id;
}

async function givenLease(
  deps: StudioDeps,
  { teamId, userId: ownerId }: Principal,
  connectionId: string,
): Promise<string> {
  const [id, agentId, keyId, grantId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const issuedAt = deps.clock.now();
  const expiresAt = new Date(issuedAt.getTime() + 600_000);
  const by = { agentId, keyId, ownerId, connectionId, grantId };
  await deps.db.lease.create({
    data: { id, teamId, ...by, generation: 1, mode: "plan", isRaw: false, issuedAt, expiresAt },
  });
  return id;
}

async function givenFactor(deps: StudioDeps, { userId }: Principal): Promise<string> {
  const id = randomUUID();
  const createdAt = deps.clock.now();
  const credentialId = randomBytes(16);
  const key = { kind: "passkey", name: "A key", credentialId } as const;
  await deps.db.secondFactor.create({
    data: { id, userId, ...key, createdAt, confirmedAt: createdAt },
  });
  return id;
}

async function givenIdentity(deps: StudioDeps, { userId }: Principal): Promise<string> {
  const id = randomUUID();
  const at = deps.clock.now();
  const who = { way: "oidc", issuer: "https://id.example", subject: id };
  await deps.db.identity.create({ data: { id, userId, ...who, createdAt: at, lastUsedAt: at } });
  return id;
}

async function givenDomain(deps: StudioDeps, { teamId, userId }: Principal): Promise<string> {
  const id = randomUUID();
  const createdAt = deps.clock.now();
  const domain = `${id}.example`;
  await deps.db.teamDomain.create({ data: { id, teamId, domain, createdById: userId, createdAt } });
  return id;
}

async function givenRevocation(
  deps: StudioDeps,
  { teamId, userId }: Principal,
  connectionId: string,
): Promise<string> {
  const id = randomUUID();
  await deps.db.revocation.create({
    data: {
      id,
      teamId,
      userId,
      connectionId,
      provider: "salesforce",
      environment: "production",
      connectionName: "Halden",
      cause: "disconnected",
      state: "not_possible",
      tokenHost: "login.salesforce.com",
      clientId: "client",
      createdAt: deps.clock.now(),
      settledAt: deps.clock.now(),
    },
  });
  return id;
}

async function givenFlow(
  deps: StudioDeps,
  { teamId, userId, sessionId }: Principal,
  connectionId: string,
): Promise<string> {
  const id = randomUUID();
  const createdAt = deps.clock.now();
  await deps.db.flow.create({
    data: {
      id,
      teamId,
      userId,
      sessionId,
      connectionId,
      provider: "salesforce",
      surface: "web",
      status: "waiting",
      stateHash: hash(),
      bindingHash: hash(),
      authorizeHost: "login.salesforce.com",
      tokenHost: "login.salesforce.com",
      clientId: "client",
      redirectUri: "https://studio.example/auth/salesforce-callback",
      scopes: ["api"],
      createdAt,
      expiresAt: new Date(createdAt.getTime() + 600_000),
    },
  });
  return id;
}

async function givenInvitation(deps: StudioDeps, inviter: Principal): Promise<string> {
  const id = randomUUID();
  const createdAt = deps.clock.now();
  await deps.db.invitation.create({
    data: {
      id,
      teamId: inviter.teamId,
      email: `${id}@a.example`,
      role: "member",
      tokenHash: hash(),
      invitedById: inviter.userId,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + 600_000),
    },
  });
  return id;
}
