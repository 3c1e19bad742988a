import { z } from "zod";
import {
  agentCallListSchema,
  agentInputSchema,
  agentListSchema,
  agentPatchSchema,
  agentQuerySchema,
  agentSchema,
  callQuerySchema,
  keyInputSchema,
  newKeySchema,
} from "#lib/agents/schema.ts";
import {
  auditListSchema,
  auditQuerySchema,
  chainCheckSchema,
  connectionTimelineSchema,
  exportQuerySchema,
} from "#lib/audit/schema.ts";
import {
  confirmPasswordSchema,
  passwordChangeSchema,
  sessionSchema,
  setUpSchema,
} from "#lib/auth/schema.ts";
import { leaseListQuerySchema, leaseListSchema } from "#lib/broker/schema.ts";
import {
  connectionRequestListSchema,
  connectionRequestSchema,
  requestAnswerSchema,
  requestQuerySchema,
} from "#lib/connection-requests/schema.ts";
import { connectionDefinitionSchema } from "#lib/connections/definition-schema.ts";
import {
  connectionListSchema,
  connectionPatchSchema,
  connectionQuerySchema,
  connectionSchema,
  grantSchema,
} from "#lib/connections/schema.ts";
import { pageQuerySchema } from "#lib/core/page.ts";
import { doctorReportSchema } from "#lib/doctor/schema.ts";
import {
  addedBusinessUnitsSchema,
  businessUnitListSchema,
  businessUnitQuerySchema,
  businessUnitRequestSchema,
  deletionReceiptSchema,
  disconnectReceiptSchema,
  flowEndSchema,
  flowRequestSchema,
  flowSchema,
  grantHealthSchema,
  grantPatchSchema,
  grantQuerySchema,
  revocationQuerySchema,
  revocationSchema,
  startedFlowSchema,
  testResultSchema,
} from "#lib/grants/schema.ts";
import { inboxSchema } from "#lib/live/schema.ts";
import { grantListSchema, revocationListSchema } from "#lib/openapi/named-schemas.ts";
import {
  type DescribedRoute,
  listOf,
  nothing,
  routesOf,
  says,
  saysAs,
} from "#lib/openapi/route.ts";
import {
  operationCallSchema,
  operationListSchema,
  operationQuerySchema,
  operationResultSchema,
} from "#lib/operations/schema.ts";
import {
  approveInputSchema,
  changesQuerySchema,
  fourEyesSchema,
  planChangesSchema,
  planEditSchema,
  planInputSchema,
  planListSchema,
  planQuerySchema,
  planSchema,
  rejectInputSchema,
  resolveInputSchema,
  standingInputSchema,
  standingListSchema,
  standingSchema,
  stepDetailSchema,
  stepListSchema,
  stepQuerySchema,
} from "#lib/plans/schema.ts";
import {
  codeInputSchema,
  factorAddedSchema,
  passkeyAddSchema,
  passkeyOptionsSchema,
  passkeyStepSchema,
  recoveryCodeInputSchema,
  recoveryCodesSchema,
  secondFactorsSchema,
  totpBegunSchema,
  totpConfirmSchema,
} from "#lib/second-factor/schema.ts";
import {
  acceptSchema,
  invitationInputSchema,
  invitationListSchema,
  invitationQuerySchema,
  joinSchema,
  memberListSchema,
  memberPatchSchema,
  memberQuerySchema,
  memberSchema,
  memberSessionSchema,
  newDomainSchema,
  newInvitationSchema,
  newTeamSchema,
  removalSchema,
  teamDomainSchema,
  teamInputSchema,
  teamListSchema,
} from "#lib/team/schema.ts";

const connection = routesOf("Connections", "session");
const agent = routesOf("Agents", "session");
const plan = routesOf("Plans", "session");
const trail = routesOf("Trail", "session");
const team = routesOf("Team", "session");
const account = routesOf("Your account", "session");
const stranger = routesOf("Your account", "nobody");

const asItStands = "As it stands";
const asItStandsNow = "As it stands now";
const newestFirst = "The newest first";
const emailAnswer = z.object({ email: z.string() });

const oneConnection = "/api/connections/{connectionId}";
const connectionRoutes = [
  connection(
    "get",
    "/api/connections",
    "Connections of the team",
    { 200: says("A page of them", connectionListSchema) },
    { query: connectionQuerySchema },
  ),
  connection(
    "post",
    "/api/connections",
    "Define a connection",
    { 201: says("Defined; nobody is signed in to it yet", connectionSchema) },
    { body: connectionDefinitionSchema },
  ),
  connection(
    "post",
    "/api/doctor",
    "Check a definition before it is made",
    { 200: says("What was found", doctorReportSchema) },
    { body: connectionDefinitionSchema },
  ),
  connection("get", oneConnection, "One connection, with your own sign-in", {
    200: says(asItStands, connectionSchema),
  }),
  connection(
    "patch",
    oneConnection,
    "Rename or redefine it",
    { 200: says(asItStandsNow, connectionSchema) },
    { body: connectionPatchSchema },
  ),
  connection("delete", oneConnection, "Delete it, with every sign-in under it", {
    200: says("What the providers have still to confirm", deletionReceiptSchema),
  }),
  connection("post", `${oneConnection}/doctor`, "Check it", {
    200: says("What was found", doctorReportSchema),
  }),
  connection("get", `${oneConnection}/events`, "What happened to it", {
    200: says(newestFirst, connectionTimelineSchema),
  }),
  connection(
    "get",
    `${oneConnection}/leases`,
    "Leases under way on it",
    { 200: says("Those that end last first", leaseListSchema) },
    { query: leaseListQuerySchema },
  ),
  connection(
    "delete",
    "/api/leases/{leaseId}",
    "End a lease",
    nothing("It serves nobody any more"),
  ),
  connection(
    "get",
    `${oneConnection}/business-units`,
    "Marketing Cloud: the tenant's business units",
    { 200: says("With how each stands with you", businessUnitListSchema) },
    { query: businessUnitQuerySchema },
  ),
  connection(
    "post",
    `${oneConnection}/business-units`,
    "A connection for each of these units",
    { 201: says("What became of each", addedBusinessUnitsSchema) },
    { body: businessUnitRequestSchema },
  ),
  connection(
    "post",
    `${oneConnection}/flows`,
    "Begin a sign-in at the provider",
    { 201: says("Where to go, in this browser; sets the flow's cookie", startedFlowSchema) },
    { body: flowRequestSchema },
  ),
  connection("get", "/api/flows/{flowId}", "How a sign-in stands", {
    200: says(asItStands, flowSchema),
  }),
  connection("delete", "/api/flows/{flowId}", "Cancel a sign-in", nothing("It is over"), {
    query: flowEndSchema,
  }),
  connection("post", "/api/flows/{flowId}/confirm", "Go on as another person or org than before", {
    200: says(asItStandsNow, flowSchema),
  }),
  connection(
    "get",
    "/api/grants",
    "Your own sign-ins",
    { 200: says("Never a token", grantListSchema) },
    { query: grantQuerySchema },
  ),
  connection("get", "/api/grants/{grantId}", "Your own sign-in", {
    200: says("Never a token", grantSchema),
  }),
  connection(
    "patch",
    "/api/grants/{grantId}",
    "Allow or stop handing out its access token",
    { 200: says(asItStandsNow, grantSchema) },
    { body: grantPatchSchema },
  ),
  connection("delete", "/api/grants/{grantId}", "Disconnect", {
    200: says("What was revoked, and what was not", disconnectReceiptSchema),
  }),
  connection("post", "/api/grants/{grantId}/test", "One harmless call", {
    200: says("How it went", testResultSchema),
  }),
  connection("get", "/api/grants/{grantId}/health", "How it served over seven days", {
    200: says("Counted by the hour", grantHealthSchema),
  }),
  connection(
    "get",
    "/api/revocations",
    "Tokens that end at their provider",
    { 200: says(newestFirst, revocationListSchema) },
    { query: revocationQuerySchema },
  ),
  connection("post", "/api/revocations/{revocationId}/attempt", "Ask the provider now", {
    200: says(asItStandsNow, revocationSchema),
  }),
  connection(
    "get",
    "/api/operations",
    "Operations you can run on a connection",
    { 200: says("In the registry's order", operationListSchema) },
    { query: operationQuerySchema },
  ),
  connection(
    "post",
    "/api/operations/{operationId}",
    "Run an operation by hand",
    {
      200: says("What a read answers", operationResultSchema),
      202: says("The plan that a write became", planSchema),
    },
    { body: operationCallSchema },
  ),
];

const oneAgent = "/api/agents/{agentId}";
const agentPages = [
  agent(
    "get",
    "/api/agents",
    "Agents",
    { 200: says("Your own first", agentListSchema) },
    { query: agentQuerySchema },
  ),
  agent(
    "post",
    "/api/agents",
    "Make an agent",
    { 201: says("It has no key yet", agentSchema) },
    { body: agentInputSchema },
  ),
  agent("get", oneAgent, "One agent", { 200: says(asItStands, agentSchema) }),
  agent(
    "patch",
    oneAgent,
    "Change an agent",
    { 200: says(asItStandsNow, agentSchema) },
    { body: agentPatchSchema },
  ),
  agent("delete", oneAgent, "Delete an agent with its keys", nothing("Gone")),
  agent(
    "post",
    `${oneAgent}/keys`,
    "Make a key",
    { 201: says("The key, this one time", newKeySchema) },
    { body: keyInputSchema },
  ),
  agent("delete", `${oneAgent}/keys/{keyId}`, "Revoke a key", nothing("It opens nothing any more")),
  agent(
    "get",
    `${oneAgent}/calls`,
    "What an agent did",
    { 200: says("The newest first, with its day's budgets", agentCallListSchema) },
    { query: callQuerySchema },
  ),
  agent(
    "get",
    `${oneAgent}/standing-approvals`,
    "What its owner approved beforehand",
    { 200: says("What counts first", standingListSchema) },
    { query: pageQuerySchema },
  ),
  agent(
    "post",
    `${oneAgent}/standing-approvals`,
    "Approve an operation beforehand",
    { 201: says("It covers plans from now on", standingSchema) },
    { body: standingInputSchema },
  ),
  agent(
    "delete",
    `${oneAgent}/standing-approvals/{approvalId}`,
    "Take a standing approval back",
    nothing("It covers nothing more"),
  ),
  agent(
    "get",
    "/api/connection-requests",
    "What agents ask for",
    { 200: says(newestFirst, connectionRequestListSchema) },
    { query: requestQuerySchema },
  ),
  agent(
    "post",
    "/api/connection-requests/{requestId}/answer",
    "Give a connection, or decline",
    { 200: says(asItStandsNow, connectionRequestSchema) },
    { body: requestAnswerSchema },
  ),
  agent("get", "/api/inbox", "How much waits for you", { 200: says("Counts", inboxSchema) }),
  agent("get", "/api/live", "What changes, as it does; for the studio's own pages", {
    200: saysAs("text/event-stream", "Kinds and ids of what changed"),
  }),
];

const onePlan = "/api/plans/{planId}";
const planRoutes = [
  plan(
    "get",
    "/api/plans",
    "Plans",
    { 200: says(newestFirst, planListSchema) },
    { query: planQuerySchema },
  ),
  plan(
    "post",
    "/api/plans",
    "Propose a plan by hand",
    { 201: says("Prepared; it waits for approval", planSchema) },
    { body: planInputSchema },
  ),
  plan("get", onePlan, "One plan, with what its approval has to bring", {
    200: says(asItStands, planSchema),
  }),
  plan(
    "put",
    onePlan,
    "Put other operations in its place",
    { 200: says("The new version", planSchema) },
    { body: planEditSchema },
  ),
  plan(
    "get",
    `${onePlan}/steps`,
    "Its steps, with what would change",
    { 200: says("In their order", stepListSchema) },
    { query: stepQuerySchema },
  ),
  plan("get", `${onePlan}/steps/{position}`, "One step, with what would be sent", {
    200: says("Whole", stepDetailSchema),
  }),
  plan(
    "get",
    `${onePlan}/changes`,
    "How its version differs from an earlier one",
    { 200: says("Step by step", planChangesSchema) },
    { query: changesQuerySchema },
  ),
  plan(
    "post",
    `${onePlan}/approve`,
    "Approve exactly what was shown, by its hash",
    { 200: says(asItStandsNow, planSchema) },
    { body: approveInputSchema },
  ),
  plan(
    "post",
    `${onePlan}/reject`,
    "Decline, or ask for changes",
    { 200: says(asItStandsNow, planSchema) },
    { body: rejectInputSchema },
  ),
  plan("post", `${onePlan}/apply`, "Apply an approved plan", {
    202: says("It is being applied", planSchema),
  }),
  plan("post", `${onePlan}/cancel`, "Take it back, while nothing was sent", {
    200: says(asItStandsNow, planSchema),
  }),
  plan(
    "post",
    `${onePlan}/steps/{position}/resolve`,
    "Say what became of a step whose outcome is unknown",
    { 200: says(asItStandsNow, planSchema) },
    { body: resolveInputSchema },
  ),
  plan("get", `${onePlan}/export`, "The whole plan, with what its hashes are over", {
    200: saysAs("application/x-ndjson", "The plan, then a line for each step"),
  }),
];

const trailRoutes = [
  trail(
    "get",
    "/api/audit",
    "The trail of events",
    { 200: says(newestFirst, auditListSchema) },
    { query: auditQuerySchema },
  ),
  trail(
    "get",
    "/api/audit/export",
    "The trail as a file, with its chain",
    { 200: saysAs("application/x-ndjson", "The oldest first; CSV where format asks for it") },
    { query: exportQuerySchema },
  ),
  trail("post", "/api/audit/verify", "Compute the chain again", {
    200: says("Whether it holds, or where it breaks first", chainCheckSchema),
  }),
];

const member = "/api/team/members/{userId}";
const ended = z.object({ ended: z.number().int() });
const teamRoutes = [
  team("patch", "/api/team", "Rename the team", nothing("Renamed"), { body: teamInputSchema }),
  team(
    "put",
    "/api/team/four-eyes",
    "Which kinds of plan want a second person",
    { 200: says(asItStandsNow, fourEyesSchema) },
    { body: fourEyesSchema },
  ),
  team("post", "/api/team/leave", "Leave the team", nothing("You are out of it")),
  team(
    "get",
    "/api/team/members",
    "People of the team",
    { 200: says("By name", memberListSchema) },
    { query: memberQuerySchema },
  ),
  team("get", member, "One of them", {
    200: says(
      "With their sessions",
      z.object({ member: memberSchema, sessions: z.array(memberSessionSchema) }),
    ),
  }),
  team("patch", member, "Change their role", nothing("Changed"), { body: memberPatchSchema }),
  team("delete", member, "Take them out of the team", {
    200: says("What ended with it", removalSchema),
  }),
  team("delete", `${member}/sessions`, "End their sessions", { 200: says("How many", ended) }),
  team("delete", `${member}/second-factors`, "Reset their second factors", {
    200: says("How many", z.object({ removed: z.number().int() })),
  }),
  team(
    "get",
    "/api/team/invitations",
    "Invitations",
    { 200: says(newestFirst, invitationListSchema) },
    { query: invitationQuerySchema },
  ),
  team(
    "post",
    "/api/team/invitations",
    "Invite somebody",
    { 201: says("With its link, this one time", newInvitationSchema) },
    { body: invitationInputSchema },
  ),
  team("delete", "/api/team/invitations/{invitationId}", "Take it back", nothing("It is void")),
  team("post", "/api/team/invitations/{invitationId}/renew", "A new link in the old one's place", {
    201: says("With its link, this one time", newInvitationSchema),
  }),
  team(
    "get",
    "/api/team/domains",
    "Mail domains whose people join by themselves",
    { 200: says("By name", listOf(teamDomainSchema)) },
    { query: pageQuerySchema },
  ),
  team(
    "post",
    "/api/team/domains",
    "Allow a mail domain",
    { 201: says("Allowed", teamDomainSchema) },
    { body: newDomainSchema },
  ),
  team("delete", "/api/team/domains/{domainId}", "Allow it no more", nothing("Gone")),
  team(
    "get",
    "/api/teams",
    "Teams you are in",
    { 200: says("By name", teamListSchema) },
    { query: pageQuerySchema },
  ),
  team(
    "post",
    "/api/teams",
    "Make another team",
    { 201: says("You are its owner", newTeamSchema) },
    { body: teamInputSchema },
  ),
  team("post", "/api/teams/{teamId}/switch", "Work in another team", nothing("Switched")),
];

const step = "/api/second-factor/step";
const accountRoutes = [
  account(
    "get",
    "/api/sessions",
    "Where you are signed in",
    { 200: says("The last used first", listOf(sessionSchema)) },
    { query: pageQuerySchema },
  ),
  account("delete", "/api/sessions", "End all but this one", { 200: says("How many", ended) }),
  account("delete", "/api/sessions/{sessionId}", "End one", nothing("It is over")),
  account("post", "/api/password", "Change your password", nothing("Other sessions ended"), {
    body: passwordChangeSchema,
  }),
  account("post", "/api/password/confirm", "Show that it is you", nothing("It is you"), {
    body: confirmPasswordSchema,
  }),
  account("get", "/api/second-factor", "Your second factors", {
    200: says("With how many recovery codes are left", secondFactorsSchema),
  }),
  account("post", "/api/second-factor/totp", "Begin with an authenticator app", {
    201: says("Its secret, this one time", totpBegunSchema),
  }),
  account(
    "post",
    "/api/second-factor/totp/{factorId}/confirm",
    "Show that the app has it",
    { 200: says("It counts from now on", factorAddedSchema) },
    { body: totpConfirmSchema },
  ),
  account("post", "/api/second-factor/passkeys/options", "Begin with a passkey", {
    201: says("For the browser", passkeyOptionsSchema),
  }),
  account(
    "post",
    "/api/second-factor/passkeys",
    "Keep a passkey",
    { 201: says("It counts from now on", factorAddedSchema) },
    { body: passkeyAddSchema },
  ),
  account("delete", "/api/second-factor/factors/{factorId}", "Remove one", nothing("Gone")),
  account("post", "/api/second-factor/recovery-codes", "New recovery codes", {
    201: says("This one time; the old ones are void", recoveryCodesSchema),
  }),
  account("post", `${step}/code`, "The second step, by the app's code", nothing("Passed"), {
    body: codeInputSchema,
  }),
  account("post", `${step}/passkey/options`, "Begin it with a passkey", {
    201: says("For the browser", passkeyOptionsSchema),
  }),
  account("post", `${step}/passkey`, "The second step, by a passkey", nothing("Passed"), {
    body: passkeyStepSchema,
  }),
  account(
    "post",
    `${step}/recovery-code`,
    "The second step, by a recovery code",
    nothing("Passed"),
    {
      body: recoveryCodeInputSchema,
    },
  ),
  account("post", "/api/sign-in-ways/pending", "Link the way that waits here", nothing("Linked")),
  account("delete", "/api/sign-in-ways/{identityId}", "Remove a way to sign in", nothing("Gone")),
  account("post", "/api/invitations/join", "Join a team by its link", nothing("You are in it"), {
    body: joinSchema,
  }),
  stranger(
    "post",
    "/api/invitations/accept",
    "Make an account by an invitation's link",
    { 201: says("Sign in with it", emailAnswer) },
    { body: acceptSchema },
  ),
  stranger(
    "post",
    "/api/setup",
    "Make the first owner, with the code of the server's terminal",
    { 201: says("Sign in with it", emailAnswer) },
    { body: setUpSchema },
  ),
];

/** People's JSON, all of it but next-auth's own `/api/auth`. */
export const personRoutes: readonly DescribedRoute[] = [
  ...connectionRoutes,
  ...agentPages,
  ...planRoutes,
  ...trailRoutes,
  ...teamRoutes,
  ...accountRoutes,
];
