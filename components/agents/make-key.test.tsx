import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import type { ComponentProps } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MakeKey } from "#components/agents/make-key.tsx";
import { NowProvider } from "#components/ui/now.tsx";
import type { AgentKeyJson } from "#lib/agents/schema.ts";

const now = "2026-03-02T09:00:00.000Z";
const agentId = "5b1b1f7c-0a54-4a0b-9bb4-9d0c6a3a7c11";
const held: AgentKeyJson = {
  id: "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c13",
  name: "Laptop",
  prefix: "mmk_PwyaTm",
  state: "live",
  createdAt: now,
  expiresAt: "2026-05-31T09:00:00.000Z",
  lastUsedAt: null,
  revokedAt: null,
  networks: [],
};
const key = `mmk_${"A".repeat(22)}_${"B".repeat(42)}A`;

const sent: unknown[] = [];
let answers: Response[] = [];
beforeEach(() => {
  sent.length = 0;
  answers = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    sent.push([`${init.method ?? "GET"} ${path}`, JSON.parse(String(init.body ?? "null"))]);
    return answers.shift() ?? Response.json({ ...held, key }, { status: 201 });
  });
});
afterEach(cleanup);

const router = { refresh: vi.fn() } as unknown as ComponentProps<
  typeof AppRouterContext.Provider
>["value"];
const show = (replaces: AgentKeyJson | null = null) =>
  render(
    <AppRouterContext.Provider value={router}>
      <NowProvider initialNow={now}>
        <MakeKey agentId={agentId} replaces={replaces} hasPassword />
      </NowProvider>
    </AppRouterContext.Provider>,
  );

test("[BRK-1] a key is shown once, and nothing of it stays in the page when it is put away", async () => {
  show();
  fireEvent.click(screen.getByRole("button", { name: "Make a key" }));
  fireEvent.click(screen.getByRole("button", { name: "Make the key" }));
  expect(await screen.findByText(key)).toBeTruthy();
  expect(screen.getByText(/the one time it is shown/)).toBeTruthy();
  expect(sent).toEqual([[`POST /api/agents/${agentId}/keys`, { name: "Key", expiresInDays: 90 }]]);
  fireEvent.click(screen.getByRole("button", { name: "I have it" }));
  await waitFor(() => expect(screen.queryByText(key)).toBeNull());
  fireEvent.click(screen.getByRole("button", { name: "Make a key" }));
  expect(screen.queryByText(key)).toBeNull();
  expect(screen.getByRole("button", { name: "Make the key" })).toBeTruthy();
});

test("rotating says when the old key ends, and sends it", async () => {
  show(held);
  fireEvent.click(screen.getByRole("button", { name: /Rotate\s*Laptop/ }));
  fireEvent.change(screen.getByLabelText("The old key ends"), { target: { value: "1440" } });
  fireEvent.click(screen.getByRole("button", { name: "Make the new key" }));
  await screen.findByText(key);
  expect(sent).toEqual([
    [
      `POST /api/agents/${agentId}/keys`,
      {
        name: "Laptop",
        expiresInDays: 90,
        replaces: { keyId: held.id, overlapMinutes: 1440 },
      },
    ],
  ]);
});

test("a refusal stands in the dialog, and nothing was made", async () => {
  answers = [
    Response.json(
      { code: "agents.too_many", detail: "An agent can have 10 keys. Revoke one first." },
      { status: 409 },
    ),
  ];
  show();
  fireEvent.click(screen.getByRole("button", { name: "Make a key" }));
  fireEvent.click(screen.getByRole("button", { name: "Make the key" }));
  expect(await screen.findByRole("alert")).toHaveProperty(
    "textContent",
    "An agent can have 10 keys. Revoke one first.",
  );
  expect(screen.queryByText(key)).toBeNull();
});
