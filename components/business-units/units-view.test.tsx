import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadChain, newChain, saveChain } from "#components/business-units/units-chain.ts";
import { UnitsView } from "#components/business-units/units-view.tsx";
import type { BusinessUnitJson } from "#lib/grants/schema.ts";

const connectionId = "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c12";
const idOf = (mid: number) => `3f0c9a4e-6f3b-4a35-9a57-${String(mid).padStart(12, "0")}`;
const unit = (
  accountId: number,
  name: string,
  more: Partial<BusinessUnitJson> = {},
): BusinessUnitJson => ({
  accountId,
  name,
  parentId: 100,
  depth: 1,
  isActive: true,
  connection: null,
  ...more,
});
const connection = (
  mid: number,
  more: Partial<NonNullable<BusinessUnitJson["connection"]>> = {},
): BusinessUnitJson["connection"] => ({
  id: idOf(mid),
  name: `Connection ${mid}`,
  state: "not_connected",
  username: null,
  lastAttempt: null,
  ...more,
});
const group = unit(100, "Acme", {
  parentId: null,
  depth: 0,
  connection: connection(100, { state: "connected", username: "dana" }),
});

const router = { refresh: vi.fn(), push: vi.fn(), replace: vi.fn(), prefetch: vi.fn() };
const calls: { path: string; method: string; body: unknown }[] = [];
const assign = vi.fn();

beforeEach(() => {
  sessionStorage.clear();
  calls.length = 0;
  assign.mockReset();
  vi.stubGlobal("location", { ...window.location, assign });
  vi.stubGlobal("fetch", async (path: string, init: { method: string; body?: string }) => {
    const body = init.body === undefined ? null : JSON.parse(init.body);
    calls.push({ path, method: init.method, body });
    const answer = path.endsWith("/business-units")
      ? {
          results: body.accountIds.map((accountId: number) => ({
            accountId,
            result: accountId === 199 ? "not_found" : "created",
            connectionId: accountId === 199 ? null : idOf(accountId),
          })),
        }
      : {
          flowId: "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c11",
          authorizeUrl:
            "https://mcacme.auth.marketingcloudapis.com/v2/authorize?state=secret-state",
          expiresAt: new Date(Date.now() + 600_000).toISOString(),
        };
    return new Response(JSON.stringify(answer), { status: 201 });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const show = (items: readonly BusinessUnitJson[], returned: string | null = null) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <AppRouterContext.Provider value={router as never}>
        <UnitsView
          connection={{
            id: connectionId,
            name: "Acme",
            groupName: "Acme",
            environment: "production",
          }}
          items={items}
          isWhole
          problem={null}
          returned={returned}
        />
      </AppRouterContext.Provider>
    </QueryClientProvider>,
  );
const row = (name: string) => screen.getByRole("row", { name: new RegExp(name) });

test("only what can be connected can be ticked, and the button counts", () => {
  show([group, unit(101, "Nordics"), unit(102, "Closed", { isActive: false })]);
  expect(within(row("Acme, MID")).getByRole("checkbox")).toHaveProperty("disabled", true);
  expect(within(row("Closed")).getByRole("checkbox")).toHaveProperty("disabled", true);
  expect(screen.getByRole("button", { name: "Connect units" })).toHaveProperty("disabled", true);
  fireEvent.click(within(row("Nordics")).getByRole("checkbox"));
  expect(screen.getByRole("button", { name: "Connect 1 unit" })).toHaveProperty("disabled", false);
});

test("each way a sign-in ended is said in words, with a retry for that unit alone", async () => {
  const failed = (
    mid: number,
    reason: "wrong_business_unit" | "business_unit_denied" | "pkce_refused",
  ) => connection(mid, { lastAttempt: { state: "failed", reason } });
  show([
    group,
    unit(101, "Nordics", { connection: failed(101, "wrong_business_unit") }),
    unit(102, "DACH", { connection: failed(102, "business_unit_denied") }),
    unit(103, "Iberia", { connection: failed(103, "pkce_refused") }),
  ]);
  expect(row("Nordics").textContent).toContain("Another unit answered");
  expect(row("DACH").textContent).toContain("No access");
  expect(row("Iberia").textContent).toContain("Refused");
  expect(row("Iberia").textContent).toContain("pkce_refused");
  fireEvent.click(screen.getByRole("button", { name: "Retry DACH" }));
  await waitFor(() => expect(assign).toHaveBeenCalledTimes(1));
  // It has its connection already: only a flow is begun.
  expect(calls.map(({ path }) => path)).toEqual([`/api/connections/${idOf(102)}/flows`]);
});

test("[OA-9] ticked units are added and the first is begun; what is remembered holds no address and no state", async () => {
  show([group, unit(101, "Nordics"), unit(102, "DACH"), unit(199, "Gone")]);
  for (const name of ["Nordics", "DACH", "Gone"]) {
    fireEvent.click(within(row(name)).getByRole("checkbox"));
  }
  fireEvent.click(screen.getByRole("button", { name: "Connect 3 units" }));
  await waitFor(() => expect(assign).toHaveBeenCalledTimes(1));
  expect(calls.map(({ method, path, body }) => [method, path, body])).toEqual([
    ["POST", `/api/connections/${connectionId}/business-units`, { accountIds: [101, 102, 199] }],
    [
      "POST",
      `/api/connections/${idOf(101)}/flows`,
      { returnTo: `/integrations/${connectionId}/business-units` },
    ],
  ]);
  expect(loadChain(connectionId)).toMatchObject({
    asked: [101, 102],
    left: [101, 102],
    skipped: [{ accountId: 199, why: "not_found" }],
  });
  expect(JSON.stringify({ ...sessionStorage, ...localStorage })).not.toMatch(/secret-state|https:/);
});

test("[WEB-5] a reload, or an address with somebody's flow, waits for a press", async () => {
  saveChain(connectionId, { ...newChain([101]), flowId: "mine" });
  show([group, unit(101, "Nordics", { connection: connection(101) })], idOf(7));
  await screen.findByRole("heading", { name: "1 unit is left to sign in to" });
  expect(calls).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Carry on" }));
  await waitFor(() => expect(assign).toHaveBeenCalledTimes(1));
});

test("back with its own flow the page says how it went and what is next, and can be stopped", async () => {
  saveChain(connectionId, { ...newChain([101, 102]), flowId: idOf(7) });
  const denied = { state: "failed", reason: "business_unit_denied" } as const;
  show(
    [
      group,
      unit(101, "Nordics", { connection: connection(101, { lastAttempt: denied }) }),
      unit(102, "DACH", { connection: connection(102) }),
    ],
    idOf(7),
  );
  await screen.findByRole("heading", { name: "Next: DACH" });
  fireEvent.click(screen.getByRole("button", { name: "Stop here" }));
  await screen.findByRole("heading", { name: "1 unit is left to sign in to" });
  expect(loadChain(connectionId)).toEqual({ ...newChain([101, 102]), left: [102] });
});

test("a long tree is shown a hundred at a time and searched by name or MID", () => {
  show(Array.from({ length: 250 }, (_, at) => unit(1000 + at, `Shop ${at}`)));
  expect(screen.getAllByRole("row")).toHaveLength(101);
  fireEvent.click(screen.getByRole("button", { name: "Show 100 more of 150" }));
  expect(screen.getAllByRole("row")).toHaveLength(201);
  const search = screen.getByRole("searchbox", { name: "Search units" });
  fireEvent.change(search, { target: { value: "1 249" } });
  expect(screen.getAllByRole("row")).toHaveLength(2);
  fireEvent.change(search, { target: { value: "no such" } });
  screen.getByRole("heading", { name: "No unit matches" });
  fireEvent.change(search, { target: { value: "" } });
  fireEvent.click(screen.getByRole("checkbox", { name: "Tick all units" }));
  // As many as the studio takes at once.
  screen.getByRole("button", { name: "Connect 200 units" });
});

test("[WEB-9] a unit's name is text", () => {
  show([unit(101, "<img src=x onerror=alert(1)>")]);
  expect(document.querySelector("td img")).toBeNull();
  expect(row("onerror").textContent).toContain("<img src=x onerror=alert(1)>");
});
