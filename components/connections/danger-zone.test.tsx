import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DangerZone } from "#components/connections/danger-zone.tsx";
import { NowProvider } from "#components/ui/now.tsx";
import type { ConnectionJson, GrantJson } from "#lib/connections/schema.ts";
import type { RevocationJson } from "#lib/grants/schema.ts";

const now = "2026-03-02T09:00:00.000Z";
const grantId = "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c13";
const grant = { id: grantId, state: "active", reason: null, accessTokenExpiresAt: null };
const connection = {
  id: "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c12",
  provider: "salesforce",
  name: "Acme uat",
  environment: "sandbox",
  canEdit: true,
  grants: [],
  myGrant: grant as GrantJson,
} as unknown as ConnectionJson;

const calls: string[] = [];
const router = { push: vi.fn(), refresh: vi.fn() };
const revocation: RevocationJson = {
  id: "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c14",
  provider: "salesforce",
  environment: "sandbox",
  connectionId: connection.id,
  connectionName: connection.name,
  grantId,
  person: null,
  isMine: true,
  username: "dana.kowalczyk@halden.example",
  cause: "disconnected",
  state: "confirmed",
  reason: null,
  host: "test.salesforce.com",
  attempts: 1,
  createdAt: now,
  lastAttemptAt: now,
  nextAttemptAt: null,
  givesUpAt: null,
  settledAt: now,
  httpStatus: 200,
  providerRequestId: "4f1b",
  accessEndsAt: null,
  sessionEndsAt: null,
};

beforeEach(() => {
  calls.length = 0;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    calls.push(`${init.method ?? "GET"} ${path}`);
    return path.startsWith("/api/grants/")
      ? Response.json({ grantId, disconnectedAt: now, revocation })
      : Response.json({ revocations: [{ ...revocation, state: "pending" }] });
  });
});
afterEach(cleanup);

const show = () =>
  render(
    <AppRouterContext value={router as never}>
      <NowProvider initialNow={now}>
        <DangerZone connection={connection} />
      </NowProvider>
    </AppRouterContext>,
  );

test("[OA-14] the receipt says who confirmed the end, when, and under which request", async () => {
  show();
  fireEvent.click(screen.getByRole("button", { name: "Disconnect" }));
  const dialog = await screen.findByRole("alertdialog");
  fireEvent.click([...dialog.querySelectorAll("button")].at(-1) as HTMLButtonElement);
  const said = await screen.findByText(/Salesforce confirmed that the token is ended/);
  expect(said.textContent).toContain("status 200, request 4f1b");
  expect(calls).toEqual([`DELETE /api/grants/${grantId}`]);
});

test("deleting says how many tokens are not confirmed as ended", async () => {
  show();
  fireEvent.click(screen.getByRole("button", { name: "Delete connection" }));
  const dialog = await screen.findByRole("alertdialog");
  fireEvent.click([...dialog.querySelectorAll("button")].at(-1) as HTMLButtonElement);
  await waitFor(() => expect(router.push).toHaveBeenCalledWith("/integrations"));
  expect(calls).toEqual([`DELETE /api/connections/${connection.id}`]);
});
