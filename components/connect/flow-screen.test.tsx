import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { beginFlow, forgetFlow } from "#components/connect/begin-flow.ts";
import { FlowScreen } from "#components/connect/flow-screen.tsx";
import type { ConnectionJson, GrantJson } from "#lib/connections/schema.ts";
import type { FlowJson } from "#lib/grants/schema.ts";

const flowId = "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c11";
const connectionId = "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c12";
const authorizeUrl = "https://test.salesforce.com/services/oauth2/authorize?state=only-in-memory";
const now = new Date().toISOString();
const soon = new Date(Date.now() + 9 * 60_000).toISOString();

const grant: GrantJson = {
  id: "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c13",
  connectionId,
  state: "active",
  reason: null,
  surface: "web",
  identity: {
    userId: "005000000000001",
    username: "dana@acme.example.uat",
    email: "dana@acme.example",
    displayName: "Dana",
    orgId: "00D000000000001EAA",
    memberId: null,
    enterpriseId: null,
    orgName: "Acme",
  },
  scopes: ["api", "refresh_token"],
  missingScopes: ["web"],
  instanceUrl: "https://acme--uat.sandbox.my.salesforce.com",
  restInstanceUrl: null,
  soapInstanceUrl: null,
  connectedAt: now,
  lastRefreshedAt: null,
  lastProvenAt: now,
  lastUsedAt: null,
  accessTokenExpiresAt: soon,
  idleDeadline: null,
  allowsRawLeases: false,
  refresh: { failures: 0, problem: null, retryAt: null, dueAt: null },
};
const connection: ConnectionJson = {
  id: connectionId,
  provider: "salesforce",
  method: "packaged-app",
  name: "Acme uat",
  environment: "sandbox",
  surfaces: ["web"],
  loginHost: "test.salesforce.com",
  authBaseUri: null,
  restBaseUri: null,
  tenantSubdomain: null,
  accountId: null,
  clientId: "3MVG9",
  hasClientSecret: false,
  version: 1,
  scopes: ["api", "refresh_token", "web"],
  pkce: "required",
  groupKey: "acme",
  groupName: "Acme",
  orgId: null,
  orgName: null,
  enterpriseId: null,
  host: "test.salesforce.com",
  problem: null,
  createdBy: null,
  createdAt: now,
  canEdit: true,
  redirectUris: {
    web: "http://localhost:3000/auth/salesforce-callback",
    desktop: "http://localhost:1717/OauthRedirect",
  },
  myGrant: null,
  health: "not_connected",
  grants: [],
};
const flow = (changes: Partial<FlowJson> = {}): FlowJson => ({
  id: flowId,
  connectionId,
  state: "waiting",
  reason: null,
  providerCode: null,
  authorizeHost: "test.salesforce.com",
  redirectUri: "http://localhost:3000/auth/salesforce-callback",
  scopes: ["api", "refresh_token", "web"],
  createdAt: now,
  expiresAt: soon,
  endedAt: null,
  returnTo: null,
  grant: null,
  identities: null,
  ...changes,
});

/** What the studio answers; each test may change it. */
let answer: FlowJson;
const calls: string[] = [];
const router = { push: vi.fn(), replace: vi.fn() };

beforeEach(() => {
  answer = flow();
  calls.length = 0;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    calls.push(`${init.method ?? "GET"} ${path}`);
    if (path.endsWith("/flows")) return Response.json({ flowId, authorizeUrl, expiresAt: soon });
    if (init.method === "DELETE") {
      answer = flow({ state: "cancelled", reason: "cancelled" });
      return new Response(null, { status: 204 });
    }
    return Response.json(answer);
  });
});
afterEach(() => {
  cleanup();
  forgetFlow(flowId);
});

const show = (initialFlow: FlowJson) =>
  render(
    <AppRouterContext value={router as never}>
      <QueryClientProvider client={new QueryClient()}>
        <FlowScreen
          initialFlow={initialFlow}
          connection={connection}
          packageId="04tfj000000GGiLAAW"
          initialNow={now}
        />
      </QueryClientProvider>
    </AppRouterContext>,
  );
const heading = () => screen.getByRole("heading", { level: 1 }).textContent;

test("a blocked window is offered as a link, and no storage holds its address", async () => {
  await beginFlow({ connectionId }, null);
  show(flow());
  expect(heading()).toBe("The browser held the window back");
  const link = screen.getByRole("link", { name: /Open Salesforce/ });
  expect(link.getAttribute("href")).toBe(authorizeUrl);
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("only-in-memory");
});

test("after a reload the sign-in can only be begun afresh", () => {
  show(flow());
  expect(heading()).toBe("This sign-in was begun before");
  expect(screen.queryByRole("button", { name: "Copy link" })).toBeNull();
  expect(screen.getByRole("button", { name: "Start again" })).toBeTruthy();
});

test("the page moves on by itself and names person, org, environment and what is missing", async () => {
  show(flow());
  answer = flow({ state: "connected", grant });
  await waitFor(
    () => expect(heading()).toBe("Connected as dana@acme.example in Acme — Sandbox uat"),
    {
      timeout: 5_000,
    },
  );
  expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1 }));
  expect(screen.getByText("One scope is missing")).toBeTruthy();
});

test("Escape asks before the sign-in is cancelled", async () => {
  show(flow());
  fireEvent.keyDown(document, { key: "Escape" });
  expect(calls.filter((call) => call.startsWith("DELETE"))).toEqual([]);
  fireEvent.click(await screen.findByRole("button", { name: "Cancel sign-in" }));
  await waitFor(() => expect(heading()).toBe("You cancelled this sign-in"));
  expect(calls).toContain(`DELETE /api/flows/${flowId}`);
});

test("the window that came back says that it can be closed", () => {
  show(flow({ state: "connected", grant }));
  expect(screen.getByText(/You can close this window/)).toBeTruthy();
});

test("a failure carries its reason code and the install page of the chosen host", () => {
  show(flow({ state: "failed", reason: "app_not_installed" }));
  expect(screen.getByText("app_not_installed")).toBeTruthy();
  expect(screen.getByRole("link", { name: /Open install page/ }).getAttribute("href")).toBe(
    "https://test.salesforce.com/packaging/installPackage.apexp?p0=04tfj000000GGiLAAW",
  );
});

test("[OA-8] another identity than before is shown beside the earlier one, with both choices", () => {
  const before = {
    username: "dana@acme.example",
    displayName: "Dana",
    orgName: "Acme",
    orgId: "00D000000000001EAA",
    memberId: null,
  };
  const other = { ...before, orgName: "Other", orgId: "00D000000000002EAA" };
  show(flow({ state: "needs_confirmation", identities: { before, now: other } }));
  expect(heading()).toBe("A different org came back");
  expect(screen.getByText("00D000000000001EAA")).toBeTruthy();
  expect(screen.getByText("00D000000000002EAA")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Keep the earlier one" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Change to the new one" })).toBeTruthy();
});
