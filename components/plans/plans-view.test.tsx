import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { NuqsTestingAdapter } from "nuqs/adapters/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { givenPlan } from "#components/plans/fixtures.ts";
import { PlansView } from "#components/plans/plans-view.tsx";
import { NowProvider } from "#components/ui/now.tsx";
import { type PlanList, planSummarySchema } from "#lib/plans/schema.ts";

const now = "2026-11-22T10:08:00.000Z";
const cursor = "3f0c9a4e-6f3b-4a35-9a57-0000000000cc";
const listed = (title: string) =>
  planSummarySchema.parse(givenPlan({ title, id: crypto.randomUUID() }));
/** Answers of the list, one after another; null: the studio cannot be reached. */
let answers: (PlanList | null)[];
let asked: string[];

beforeEach(() => {
  asked = [];
  vi.useFakeTimers({ toFake: ["Date"], now: new Date(now) });
  vi.stubGlobal("fetch", async (path: string) => {
    if (path === "/api/inbox") return Response.json({ plans: 0, requests: 0, agents: 0 });
    asked.push(path);
    const answer = answers.shift();
    if (!answer) throw new TypeError("fetch failed");
    return Response.json(answer);
  });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const router = { push() {}, replace() {}, refresh() {}, back() {}, forward() {}, prefetch() {} };

function show(search = "") {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <AppRouterContext value={router as never}>
      <NuqsTestingAdapter searchParams={search}>
        <QueryClientProvider client={queries}>
          <NowProvider initialNow={now}>
            <PlansView />
          </NowProvider>
        </QueryClientProvider>
      </NuqsTestingAdapter>
    </AppRouterContext>,
  );
}
const rows = () => screen.getAllByRole("rowheader").map((row) => row.textContent);

test("a list that cannot be read says that nothing is lost, and is asked for again", async () => {
  answers = [null, { items: [listed("Tag three members")], nextCursor: null }];
  show();
  await screen.findByRole("heading", { name: "The list did not load" });
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Tag three members")).toBeTruthy();
});

test("older plans come behind a button; where they do not come it says so, and what is there stays", async () => {
  const first = { items: [listed("Newest")], nextCursor: cursor };
  answers = [first, null, { items: [listed("Oldest")], nextCursor: null }];
  show("?tab=ended");
  fireEvent.click(await screen.findByRole("button", { name: "Show older" }));
  await screen.findByText("They did not load. Try once more.");
  expect(rows()).toEqual([expect.stringContaining("Newest")]);
  fireEvent.click(screen.getByRole("button", { name: "Show older" }));
  expect(await screen.findByText("Oldest")).toBeTruthy();
  expect(rows()).toHaveLength(2);
  expect(screen.queryByRole("button", { name: "Show older" })).toBeNull();
  expect(asked.at(-1)).toContain(`cursor=${cursor}`);
});

test.each([
  ["", "Nothing waits for you"],
  ["?tab=open", "No plan is open"],
  ["?tab=ended", "No plan has ended yet"],
  ["?q=nothing", "No plan matches"],
])("an empty list at %j says what would stand there: %s", async (search, words) => {
  answers = [{ items: [], nextCursor: null }];
  show(search);
  expect(await screen.findByRole("heading", { name: words })).toBeTruthy();
});
