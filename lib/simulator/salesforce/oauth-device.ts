import { plainPage } from "#lib/simulator/kit/pages.ts";
import { formOf, html, json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorRequest, SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { countLogin, requireAccess } from "#lib/simulator/salesforce/access.ts";
import { noStore, OAuthRefusal } from "#lib/simulator/salesforce/errors.ts";
import type { SignedIn } from "#lib/simulator/salesforce/oauth-authorize.ts";
import { grantedScopes, holds } from "#lib/simulator/salesforce/scopes.ts";
import { askSignIn } from "#lib/simulator/salesforce/sign-in.ts";
import {
  findApp,
  openGrant,
  openSession,
  type SalesforceCore,
} from "#lib/simulator/salesforce/state.ts";
import { tokenAnswer } from "#lib/simulator/salesforce/token-answer.ts";
import type { TokenCall } from "#lib/simulator/salesforce/token-call.ts";
import { orgById, userById } from "#lib/simulator/salesforce/world.ts";

export const devicePath = "/setup/connect";
const intervalSeconds = 5;
const lifetimeSeconds = 600;

/** First step: `response_type=device_code` posted to the token endpoint. */
export function beginDevice({ core, request, form, client }: TokenCall): SimulatorResponse {
  const app = client.require(core, () => false);
  // Blocked for the CLI's own app since August 2025, and for every app that has it off.
  if (!app.flows.device) throw new OAuthRefusal("unauthorizedClient");
  const nowMs = core.context.clock.nowMs();
  const device = {
    deviceCode: core.context.random.token(60),
    userCode: core.context.random.token(8, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"),
    clientId: app.clientId,
    host: request.host,
    scopes: grantedScopes(app, form.get("scope")),
    expiresAtMs: nowMs + lifetimeSeconds * 1000,
    lastPollMs: 0,
    decision: "pending" as const,
  };
  core.state.devices = core.state.devices.filter((old) => nowMs < old.expiresAtMs + 3_600_000);
  core.state.devices.push(device);
  core.changed();
  return json(
    200,
    {
      device_code: device.deviceCode,
      user_code: device.userCode,
      verification_uri: `${request.urlFor(request.host)}${devicePath}`,
      interval: intervalSeconds,
    },
    noStore,
  );
}

export async function redeemDevice({
  core,
  request,
  form,
  key,
  client,
}: TokenCall): Promise<SimulatorResponse> {
  const app = client.require(core, () => false);
  if (!app.flows.device) throw new OAuthRefusal("unauthorizedClient");
  const device = core.state.devices.find(
    (candidate) =>
      candidate.deviceCode === form.get("code") &&
      candidate.clientId === app.clientId &&
      candidate.host === request.host,
  );
  if (!device) throw new OAuthRefusal("invalidCode");
  const nowMs = core.context.clock.nowMs();
  if (nowMs >= device.expiresAtMs) throw new OAuthRefusal("expiredDevice");
  const isTooSoon = nowMs < device.lastPollMs + intervalSeconds * 1000;
  device.lastPollMs = nowMs;
  if (isTooSoon) throw new OAuthRefusal("slowDown");
  if (device.decision === "pending") throw new OAuthRefusal("pending");
  if (device.decision === "denied") throw new OAuthRefusal("denied");
  const org = orgById(core.world, device.decision.orgId);
  const user = org && userById(org, device.decision.userId);
  if (!user) throw new OAuthRefusal("invalidCode");
  requireAccess(core, app, org, user, "token");
  countLogin(core, app, user);
  core.state.devices = core.state.devices.filter((candidate) => candidate !== device);
  const given = {
    clientId: app.clientId,
    orgId: org.id,
    userId: user.id,
    scopes: device.scopes,
    loginHost: request.host,
  };
  const grant = holds(device.scopes, "refresh_token") ? openGrant(core, given) : null;
  const session = openSession(core, { ...given, grantId: grant?.id ?? null }, org, user, app);
  const refreshToken = grant?.refreshToken ?? null;
  return tokenAnswer(core, request, key, { session, org, user, app, refreshToken });
}

/** The page where a signed-in person types the code of their device. */
export function devicePage(
  core: SalesforceCore,
  request: SimulatorRequest,
  signedIn: SignedIn | undefined,
): SimulatorResponse {
  if (!signedIn) {
    const query = new URLSearchParams({ device: "1" });
    return askSignIn(core, request, { query, hint: null });
  }
  const view = { provider: "Salesforce", host: request.host, title: "Connect a device" };
  const form = request.method === "POST" ? formOf(request) : new URLSearchParams();
  const code = form.get("user_code")?.trim().toUpperCase();
  const device = core.state.devices.find(
    (candidate) =>
      candidate.userCode === code &&
      candidate.host === request.host &&
      candidate.decision === "pending" &&
      core.context.clock.nowMs() < candidate.expiresAtMs,
  );
  if (!device) {
    const message = code
      ? "This code is unknown or too old."
      : "Type the code that your device shows.";
    const action = `${request.urlFor(request.host)}${devicePath}`;
    const asked = { action, name: "user_code", label: "Code", button: "Connect" };
    return html(200, plainPage({ ...view, message, form: asked }));
  }
  const { org, user } = signedIn;
  device.decision = { orgId: org.id, userId: user.id };
  core.changed();
  const name = findApp(core, device.clientId)?.name ?? "The device";
  return html(
    200,
    plainPage({ ...view, message: `${name} is connected. You can close this page.` }),
  );
}
