import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { EventDrawer } from "#components/activity/event-drawer.tsx";
import type { AuditEventJson } from "#lib/audit/schema.ts";

const event: AuditEventJson = {
  id: "0b9f1c52-6f0e-4c59-8f5e-0d5f6a2b7c11",
  sequence: 1_204,
  at: "2026-03-02T09:00:00.000Z",
  action: "connection.renamed",
  result: "success",
  actor: { id: "6a1d3a52-3a0e-4b59-8f5e-0d5f6a2b7c22", name: "<b>Dana</b>" },
  onBehalfOf: null,
  target: { kind: "connection", id: "9c1d3a52-3a0e-4b59-8f5e-0d5f6a2b7c33", name: null },
  connection: { id: "9c1d3a52-3a0e-4b59-8f5e-0d5f6a2b7c33", name: "Halden" },
  sessionId: null,
  detail: { to: "Halden", from: "<img src=x onerror=alert(1)>" },
  requestId: "request-7",
  hash: "ab12".repeat(16),
};

afterEach(cleanup);

function Harness() {
  const [from, setFrom] = useState<HTMLElement | null>(null);
  return (
    <>
      <button type="button" onClick={(press) => setFrom(press.currentTarget)}>
        Open
      </button>
      {from !== null && (
        <EventDrawer
          event={event}
          returnTo={from}
          onClose={() => setFrom(null)}
          onShowAll={() => setFrom(null)}
        />
      )}
    </>
  );
}

test("an event is told whole, and the focus returns to its row", async () => {
  render(<Harness />);
  const row = screen.getByRole("button", { name: "Open" });
  row.focus();
  fireEvent.click(row);
  const drawer = await screen.findByRole("dialog", { name: "Renamed" });
  for (const text of [
    "Done",
    "connection.renamed",
    "Event 1\u00a0204 of the team",
    "request-7",
    "ab12ab12ab12",
  ]) {
    expect(drawer.textContent).toContain(text);
  }
  fireEvent.keyDown(drawer, { key: "Escape" });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(row));
});

test("[WEB-9] names and details are text, whatever they hold", async () => {
  render(<Harness />);
  fireEvent.click(screen.getByRole("button", { name: "Open" }));
  const drawer = await screen.findByRole("dialog");
  expect(drawer.textContent).toContain("<img src=x onerror=alert(1)>");
  expect(drawer.textContent).toContain("<b>Dana</b>");
  expect(drawer.querySelector("img, b")).toBeNull();
});
