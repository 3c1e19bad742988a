import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { givenPlan, givenStep, halden, listed, uat } from "#components/plans/fixtures.ts";
import { PlanView } from "#components/plans/plan-view.tsx";
import { NowProvider } from "#components/ui/now.tsx";
import type { PlanJson, StepJson } from "#lib/plans/schema.ts";

const now = "2026-11-22T10:08:00.000Z";
let sent: { path: string; method: string; body: unknown }[] = [];
let plan: PlanJson;
let steps: StepJson[];
let answerTo: (path: string, method: string) => Response | null = () => null;

beforeEach(() => {
  // Nothing has a size here; without one, all steps would be in sight.
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(176);
  sent = [];
  answerTo = () => null;
  vi.useFakeTimers({ toFake: ["Date"], now: new Date(now) });
  vi.stubGlobal("scrollTo", () => {});
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    const method = init.method ?? "GET";
    const body = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    if (method !== "GET") sent.push({ path, method, body });
    const given = answerTo(path, method);
    if (given) return given;
    if (path.includes("/steps")) {
      const cursor = Number(new URL(path, "http://s").searchParams.get("cursor") ?? 0);
      const items = steps.slice(cursor, cursor + 50);
      return Response.json({ items, nextCursor: null });
    }
    if (method === "GET") return Response.json(plan);
    return new Response(null, { status: 204 });
  });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const router = { push() {}, replace() {}, refresh() {}, back() {}, forward() {}, prefetch() {} };

function show(of: Partial<PlanJson>, list: StepJson[], queries = new QueryClient()) {
  plan = givenPlan({ stepCount: list.length, ...of });
  steps = list;
  render(
    <AppRouterContext value={router as never}>
      <QueryClientProvider client={queries}>
        <NowProvider initialNow={now}>
          <PlanView plan={plan} hasPassword />
        </NowProvider>
      </QueryClientProvider>
    </AppRouterContext>,
  );
}
const approveButton = () => screen.getByRole<HTMLButtonElement>("button", { name: /^Approve/ });
const type = (text: string) =>
  fireEvent.change(screen.getByLabelText(/Type Halden Production/), { target: { value: text } });

test("[PLN-2] the approval names the hash and the version that the page showed, and the typed names", async () => {
  show({}, [givenStep()]);
  await screen.findByText("The step is on this page, whole");
  expect(approveButton().disabled).toBe(true);
  type("Halden Produ");
  expect(screen.getByText("5 letters to go")).toBeTruthy();
  expect(approveButton().disabled).toBe(true);
  type("Halden Production");
  expect(approveButton().disabled).toBe(false);
  fireEvent.click(approveButton());
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toEqual({
    path: `/api/plans/${plan.id}/approve`,
    method: "POST",
    body: {
      hash: plan.hash,
      typedNames: { [halden.connectionId]: "Halden Production" },
      apply: true,
    },
  });
});

test("a plan with two production orgs wants the name of each", async () => {
  const other = { ...halden, connectionId: uat.connectionId, name: "Halden Nordics" };
  show(
    {
      targets: [halden, other].map(listed),
      identities: [halden, other],
      asks: {
        recentSignIn: true,
        secondPerson: false,
        typedNames: [halden, other].map(({ connectionId, name }) => ({ connectionId, name })),
      },
    },
    [givenStep(), givenStep({ position: 2, connectionId: other.connectionId })],
  );
  await screen.findByText("All 2 steps are on this page, whole");
  type("Halden Production");
  expect(approveButton().disabled).toBe(true);
  fireEvent.change(screen.getByLabelText(/Type Halden Nordics/), {
    target: { value: "Halden Nordics" },
  });
  expect(approveButton().disabled).toBe(false);
});

test("[PLN-9] a long body must be opened before anybody can approve, and the card says which", async () => {
  const body = {
    label: "HTML of the mail",
    kind: "text" as const,
    before: null,
    after: "word ".repeat(900),
  };
  show({ asks: { recentSignIn: false, secondPerson: false, typedNames: [] } }, [
    givenStep({ preview: { bodies: [body] } }),
  ]);
  expect(await screen.findByText(/Step 1:/, { selector: "button[data-unopened]" })).toBeTruthy();
  expect(approveButton().disabled).toBe(true);
  expect(screen.queryByText(/word word/)).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: /^Open ?HTML of the mail$/ }));
  expect(screen.getByText(/word word/)).toBeTruthy();
  expect(approveButton().disabled).toBe(false);
});

test("[PLN-9] nothing can be approved before every step was read", async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const list = Array.from({ length: 120 }, (_, n) => givenStep({ position: n + 1 }));
  const answer = fetch;
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    if (path.includes("cursor=100")) await held;
    return answer(path, init);
  });
  show({ asks: { recentSignIn: false, secondPerson: false, typedNames: [] } }, list);
  expect(await screen.findAllByText(/100 of 120/)).not.toEqual([]);
  expect(approveButton().disabled).toBe(true);
  letGo();
  await waitFor(() => expect(approveButton().disabled).toBe(false));
});

test("of a thousand steps only those in sight are in the page", async () => {
  show(
    {},
    Array.from({ length: 1_000 }, (_, n) => givenStep({ position: n + 1 })),
  );
  const first = await screen.findByText("Step 1:", { exact: false });
  expect(first).toBeTruthy();
  const list = screen.getByRole("list", { name: "Steps" });
  expect(list.children.length).toBeLessThan(30);
  expect(list.firstElementChild?.getAttribute("aria-setsize")).toBe("1000");
});

test("[PLN-9] hidden characters stand in place with their code point, and the card counts them", async () => {
  show({}, [
    givenStep({
      preview: {
        changes: [
          {
            subject: "Template",
            subjectId: null,
            field: "Subject",
            before: "We miss you",
            after: "Come back to the fjord\u200b, Dana",
          },
        ],
        changesTotal: 1,
      },
    }),
  ]);
  expect(await screen.findByText("U+200B")).toBeTruthy();
  const checks = await screen.findByText(/^1 hidden character in$/, { selector: "span" });
  expect(within(checks).getByRole("button", { name: "step 1" })).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Ask for it without" }));
  const words = await screen.findByLabelText<HTMLTextAreaElement>(/What should be different/);
  expect(words.value).toContain("Step 1 holds hidden characters (Subject)");
});

test("[WEB-9] names and values of strangers are text, whatever they hold", async () => {
  const nasty = "<img src=x onerror=alert(1)>";
  show({ title: nasty, reason: nasty }, [
    givenStep({
      title: nasty,
      preview: {
        changes: [{ subject: nasty, subjectId: null, field: nasty, before: nasty, after: nasty }],
        changesTotal: 1,
      },
    }),
  ]);
  await screen.findByRole("table");
  expect(screen.getAllByText(nasty).length).toBeGreaterThan(4);
  expect(document.querySelector("img")).toBeNull();
});

test("a key brings whoever reads to the approval, and approves nothing", async () => {
  show({}, [givenStep()]);
  await screen.findByText("The step is on this page, whole");
  Element.prototype.scrollIntoView = () => {};
  fireEvent.keyDown(document.body, { key: "a" });
  expect(document.activeElement).toBe(screen.getByLabelText(/Type Halden Production/));
  expect(sent).toEqual([]);
});

test("asking for changes sends the words, and declining needs none", async () => {
  show({}, [givenStep()]);
  fireEvent.click(await screen.findByRole("button", { name: "Ask for changes" }));
  fireEvent.change(await screen.findByLabelText(/What should be different/), {
    target: { value: "Only the Nordics, please." },
  });
  fireEvent.submit(screen.getByRole("form", { name: "Ask for changes" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({
    path: `/api/plans/${plan.id}/reject`,
    body: { reason: "Only the Nordics, please." },
  });
});

test("[PLN-8] the second person is told whose word is there, and approves without the owner’s names", async () => {
  show(
    {
      isMine: false,
      canApprove: "second",
      missing: ["second"],
      approvals: [
        { part: "owner", by: { id: halden.connectionId, name: "Dana Kowalczyk" }, approvedAt: now },
      ],
      asks: { recentSignIn: true, secondPerson: true, typedNames: [] },
    },
    [givenStep()],
  );
  expect(await screen.findByRole("heading", { name: "Be the second person" })).toBeTruthy();
  expect(screen.getByText(/Dana Kowalczyk/, { selector: "b" })).toBeTruthy();
  await waitFor(() => expect(approveButton().disabled).toBe(false));
});

test("[TEN-4] whoever cannot approve is told who can, and sees no button for it", async () => {
  show({ isMine: false, canApprove: null, missing: ["owner"] }, [givenStep()]);
  expect(await screen.findByText("Dana Kowalczyk decides")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /^Approve/ })).toBeNull();
});

test("[PLN-3] what a plan was before it was changed can be read, and not approved", async () => {
  show({ version: 2 }, [givenStep({ title: "As it is now" })]);
  answerTo = (path) =>
    path.includes("version=1")
      ? Response.json({ items: [givenStep({ title: "As it was" })], nextCursor: null })
      : null;
  fireEvent.click(await screen.findByRole("button", { name: "See version 1" }));
  expect(await screen.findByText("As it was")).toBeTruthy();
  expect(screen.queryByText("As it is now")).toBeNull();
  expect(screen.queryByRole("button", { name: /^Approve/ })).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Back to version 2" }));
  expect(await screen.findByText("As it is now")).toBeTruthy();
  expect(approveButton()).toBeTruthy();
});

test("[PLN-7] a plan past its time offers nothing to approve", async () => {
  show({ expiresAt: "2026-11-22T10:07:59.000Z" }, [givenStep()]);
  expect(await screen.findByText("Nobody decided in time")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /^Approve/ })).toBeNull();
});

test("[PLN-5] a person says what came of a step that nobody knows of", async () => {
  const progress = {
    pending: 0,
    sending: 0,
    applied: 0,
    failed: 0,
    unknown: 1,
    drifted: 0,
    skipped: 0,
  };
  show({ state: "stopped", endReason: "step_unknown", canApprove: null, missing: [], progress }, [
    givenStep({
      state: "unknown",
      outcome: {
        kind: "unknown",
        summary: "No answer came.",
        code: null,
        output: {},
        settledBy: null,
      },
    }),
  ]);
  fireEvent.click(await screen.findByRole("button", { name: /Say what happened/ }));
  fireEvent.click(await screen.findByRole("button", { name: "It happened" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({
    path: `/api/plans/${plan.id}/steps/1/resolve`,
    body: { outcome: "applied" },
  });
});

test("[BRK-9] a plan that its agent's budget stopped says so, and its rest can be run or cancelled", async () => {
  const progress = { ...givenPlan().progress, applied: 1, pending: 2 };
  show(
    {
      ...{ state: "stopped", endReason: "budget_spent", stepCount: 3, progress },
      ...{ canApprove: null, missing: [], canReject: false, canApply: true, canCancel: true },
      appliedAt: now,
    },
    [givenStep({ state: "applied" })],
  );
  expect(await screen.findByText(/had used up its day/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Cancel the rest" })).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Run the other 2 steps" }));
  await waitFor(() => expect(sent[0]?.path).toBe(`/api/plans/${plan.id}/apply`));
});

test("[OPS-6] a plan whose contents were removed says since when, and can still be taken along", async () => {
  show(
    {
      ...{ state: "rejected", canApprove: null, missing: [], canReject: false },
      ...{ showsContent: false, contentsRemovedAt: "2026-11-20T10:08:00.000Z", reason: "" },
    },
    [{ ...givenStep({ state: "skipped" }), preview: null }],
  );
  expect((await screen.findByText(/What it wrote was removed/)).textContent).toContain(
    "2 days ago",
  );
  expect(screen.queryByText(/is for Dana Kowalczyk to see/)).toBeNull();
  expect(screen.getByRole("link", { name: "Save as JSON" })).toBeTruthy();
});

test("while it runs, the page says how far it is and what went wrong, and can stop it", async () => {
  const progress = {
    pending: 2,
    sending: 1,
    applied: 5,
    failed: 0,
    unknown: 0,
    drifted: 0,
    skipped: 0,
  };
  show(
    { state: "applying", canApprove: null, missing: [], canCancel: true, progress, stepCount: 8 },
    [givenStep({ state: "applied" })],
  );
  expect(await screen.findByText("5 of 8 steps done")).toBeTruthy();
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("5");
  fireEvent.click(screen.getByRole("button", { name: "Stop before the next step" }));
  fireEvent.click(await screen.findByRole("button", { name: "Stop it" }));
  await waitFor(() => expect(sent[0]?.path).toBe(`/api/plans/${plan.id}/cancel`));
});

test("[PLN-9] of a step that came only when it was opened, what is long must be opened too, and what is hidden is counted", async () => {
  const body = { label: "Mail", kind: "html" as const, before: null, after: "a\u200b".repeat(900) };
  const whole = givenStep({ preview: { bodies: [body] } });
  answerTo = (path) =>
    path.includes("/steps/1")
      ? Response.json({
          ...whole,
          ...{ request: null, input: null, inputPosition: 1, isGuarded: false, content: null },
        })
      : null;
  show({ asks: { recentSignIn: false, secondPerson: false, typedNames: [] } }, [
    { ...whole, preview: null },
  ]);
  await screen.findByText("The step is on this page, whole");
  expect(approveButton().disabled).toBe(true);
  fireEvent.click(screen.getByRole("button", { name: /^Open ?step 1$/ }));
  const open = await screen.findByRole("button", { name: /^Open ?Mail$/ });
  expect(approveButton().disabled).toBe(true);
  fireEvent.click(open);
  expect(screen.getByText(/^900 hidden characters in$/)).toBeTruthy();
  await waitFor(() => expect(approveButton().disabled).toBe(false));
});

const noNames = { recentSignIn: false, secondPerson: false, typedNames: [] };

test("[PLN-3] after an edit the page says which steps are another, new and gone, and shows what each was", async () => {
  const asked: string[] = [];
  answerTo = (path) => {
    asked.push(path);
    if (path.includes("/changes")) {
      return Response.json({
        ...{ version: 3, since: 2, isApproved: true, isReordered: false },
        changed: [
          { position: 1, was: 2 },
          { position: 2, was: null },
        ],
        removed: [
          {
            ...{ position: 1, connectionId: halden.connectionId, effect: "destructive" },
            title: "Delete 12 duplicate leads",
          },
        ],
      });
    }
    if (!path.includes("version=2")) return null;
    const was = givenStep({ position: 2, title: "Update 1 contact, as it was" });
    return Response.json({ items: [was], nextCursor: null });
  };
  show(
    { version: 3, asks: noNames },
    [1, 2, 3].map((position) => givenStep({ position })),
  );
  await screen.findByRole("heading", { name: "Since version 2, which you approved" });
  const lines = screen.getAllByRole("listitem").map(({ textContent }) => textContent);
  expect(lines).toEqual(
    expect.arrayContaining([
      "1 step changed: step 1",
      "1 new step: step 2",
      expect.stringMatching(/^1 step gone:Delete 12 duplicate leadsdestructive$/),
      "1 step as before, to the letter.",
    ]),
  );
  const first = await screen.findByRole("region", { name: /^Step 1:/ });
  expect(within(first).getByText("changed")).toBeTruthy();
  const second = screen.getByRole("region", { name: /^Step 2:/ });
  expect(within(second).getByText("new")).toBeTruthy();
  expect(within(second).queryByText(/^As it was/)).toBeNull();
  const third = screen.getByRole("region", { name: /^Step 3:/ });
  expect(within(third).queryByText(/^(new|changed)$/)).toBeNull();

  expect(asked.filter((path) => path.includes("version=2"))).toEqual([]);
  fireEvent.click(within(first).getByText("As it was in version 2"));
  expect(await within(first).findByText(/Update 1 contact, as it was/)).toBeTruthy();
  expect(asked.find((path) => path.includes("version=2"))).toContain("cursor=1&limit=1");
});

test("what is compared with is the version that this browser showed before, also after a reload", async () => {
  const asked: string[] = [];
  answerTo = (path) => {
    if (!path.includes("/changes")) return null;
    asked.push(path);
    const none = { changed: [], removed: [], isReordered: false, isApproved: false };
    return Response.json({ version: 5, since: 3, ...none });
  };
  const id = "3f0c9a4e-6f3b-4a35-9a57-0000000000aa";
  show({ id, version: 3, asks: noNames }, [givenStep()]);
  await waitFor(() => expect(asked).toEqual([`/api/plans/${id}/changes`]));
  for (const round of [1, 2]) {
    cleanup();
    show({ id, version: 5, asks: noNames }, [givenStep()]);
    await screen.findByRole("heading", { name: "Since version 3, which you looked at" });
    expect(screen.getByText(/^No step changed/)).toBeTruthy();
    expect(asked).toHaveLength(1 + round);
    expect(asked.at(-1)).toBe(`/api/plans/${id}/changes?since=3`);
  }
});

test("where the plan would stop for want of a sign-in, its owner is sent there first and back again", async () => {
  const opened = { close() {}, closed: false, document, location: { replace: vi.fn() } };
  vi.stubGlobal("open", () => opened);
  const unready = [{ connectionId: halden.connectionId, why: "needs_reconnect" as const }];
  show({ unready, asks: noNames }, [givenStep()]);
  await screen.findByText("The step is on this page, whole");
  expect(approveButton().disabled).toBe(true);
  expect(screen.getByText("Sign in there again first, then come back here.")).toBeTruthy();
  const head = await screen.findByRole("heading", { name: /Halden Production.*Needs reconnect/ });
  fireEvent.click(within(head).getByRole("button", { name: "Reconnect Halden Production" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({
    path: `/api/connections/${halden.connectionId}/flows`,
    body: { surface: "web", returnTo: `/plans/${plan.id}` },
  });
});

test("a second person may say yes meanwhile, and is told who has to sign in", async () => {
  const unready = [{ connectionId: halden.connectionId, why: "needs_reconnect" as const }];
  show({ unready, asks: noNames, canApprove: "second", missing: ["second"], isMine: false }, [
    givenStep(),
  ]);
  await screen.findByText("Only Dana Kowalczyk can sign in there again.");
  await waitFor(() => expect(approveButton().disabled).toBe(false));
  expect(screen.queryByRole("button", { name: /^Reconnect/ })).toBeNull();
});

test("whoever comes back from signing in again does not meet the plan as this tab remembers it", async () => {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: 60_000 } } });
  const unready = [{ connectionId: halden.connectionId, why: "needs_reconnect" as const }];
  queries.setQueryData(["plans", "one", givenPlan().id], givenPlan({ unready, asks: noNames }));
  show({ asks: noNames }, [givenStep()], queries);
  await waitFor(() => expect(approveButton().disabled).toBe(false));
  expect(screen.queryByText("Needs reconnect")).toBeNull();
});
