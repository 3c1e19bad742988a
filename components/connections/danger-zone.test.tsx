import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DangerZone } from "#components/connections/danger-zone.tsx";
import { NowProvider } from "#components/ui/now.tsx";
import type { ConnectionJson, GrantJson } from "#lib/connections/schema.ts";

const now = "2026-03-02T09:00:00.000Z";
const grantId = "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c13";
const ended = { id: grantId, state: "disconnected", reason: "revocation_unconfirmed" };
const connection = {
  id: "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c12",
  provider: "salesforce",
  name: "Acme uat",
  environment: "sandbox",
  canEdit: true,
  grants: [],
  myGrant: ended as GrantJson,
} as unknown as ConnectionJson;

const calls: string[] = [];
const router = { push: vi.fn(), refresh: vi.fn() };
const unconfirmed = {
  title: "Conflict",
  status: 409,
  code: "grants.revocation_unconfirmed",
  detail: "The provider did not confirm that one person's access has ended.",
  remedy: { do: "retry", afterSeconds: 60 },
  requestId: "r",
};

beforeEach(() => {
  calls.length = 0;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    calls.push(`${init.method ?? "GET"} ${path}`);
    if (path.startsWith("/api/grants/")) {
      const revocation = "confirmed";
      return Response.json({ grantId, disconnectedAt: now, revocation, accessMayLastUntil: null });
    }
    if (path.endsWith("acceptUnconfirmed=true")) return Response.json({ receipts: [] });
    return Response.json(unconfirmed, { status: 409 });
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

test("[OA-14] an end that was not confirmed is shown, and can be asked for again", async () => {
  show();
  fireEvent.click(screen.getByRole("button", { name: "Ask again" }));
  await screen.findByText(/confirmed/i, { selector: "li" });
  expect(calls).toEqual([`DELETE /api/grants/${grantId}`]);
});

test("a connection whose end the provider does not confirm is deleted only at a second word", async () => {
  show();
  fireEvent.click(screen.getByRole("button", { name: "Delete connection" }));
  const dialog = await screen.findByRole("alertdialog");
  const confirm = () => [...dialog.querySelectorAll("button")].at(-1) as HTMLButtonElement;
  fireEvent.click(confirm());
  await waitFor(() => expect(confirm().textContent).toBe("Delete anyway"));
  expect(dialog.textContent).toContain(unconfirmed.detail);
  expect(router.push).not.toHaveBeenCalled();
  fireEvent.click(confirm());
  await waitFor(() => expect(router.push).toHaveBeenCalledWith("/integrations"));
  expect(calls).toEqual([
    `DELETE /api/connections/${connection.id}`,
    `DELETE /api/connections/${connection.id}?acceptUnconfirmed=true`,
  ]);
});
