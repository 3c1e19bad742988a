import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RawLeases } from "#components/connections/raw-leases.tsx";
import type { GrantJson } from "#lib/connections/schema.ts";

const id = "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c13";
const grant = (allowsRawLeases: boolean) =>
  ({ id, connectionId: id, allowsRawLeases }) as GrantJson;
const sent: string[] = [];

beforeEach(() => {
  sent.length = 0;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    sent.push(`${init.method} ${path} ${init.body}`);
    return Response.json({ title: "No", detail: "Not just now." }, { status: 503 });
  });
});
afterEach(cleanup);

const show = (allows: boolean) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RawLeases grant={grant(allows)} />
    </QueryClientProvider>,
  );

test("[BRK-3] handing out the access token is off, says so, and is not chosen without a second word", async () => {
  show(false);
  expect(screen.getByText("Off")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Allow" }));
  expect(screen.getByText(/neither checked nor recorded/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Keep it inside" }));
  expect(sent).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Allow" }));
  fireEvent.click(screen.getByRole("button", { name: "Allow it" }));
  // Refused: the dialog stays and says why.
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("Not just now."));
  expect(sent).toEqual([`PATCH /api/grants/${id} {"allowsRawLeases":true}`]);
});

test("[BRK-3] one press takes it back", async () => {
  show(true);
  expect(screen.getByText("Allowed")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Keep it inside again" }));
  await waitFor(() => expect(sent).toEqual([`PATCH /api/grants/${id} {"allowsRawLeases":false}`]));
});
