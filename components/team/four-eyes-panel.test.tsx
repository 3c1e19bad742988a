import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import type { ComponentProps } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FourEyesPanel } from "#components/team/four-eyes-panel.tsx";
import type { Risk } from "#lib/plans/plan-states.ts";

const sent: unknown[] = [];
let refusal: Response | null = null;
beforeEach(() => {
  sent.length = 0;
  refusal = null;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    sent.push([`${init.method} ${path}`, JSON.parse(String(init.body))]);
    return refusal ?? new Response(null, { status: 204 });
  });
});
afterEach(cleanup);

const router = { refresh: vi.fn() } as unknown as ComponentProps<
  typeof AppRouterContext.Provider
>["value"];
const show = (kinds: readonly Risk[], canChange = true) =>
  render(
    <AppRouterContext.Provider value={router}>
      <FourEyesPanel kinds={kinds} canChange={canChange} />
    </AppRouterContext.Provider>,
  );
const box = (name: RegExp) => screen.getByRole<HTMLInputElement>("checkbox", { name });

test("[PLN-8] an owner chooses which kinds of plan want two people, and saves what changed", async () => {
  show(["production"]);
  const save = screen.getByRole<HTMLButtonElement>("button", { name: "Save" });
  expect([box(/^Production/).checked, box(/^Sends/).checked]).toEqual([true, false]);
  expect(save.disabled).toBe(true);
  fireEvent.click(box(/^Sends/));
  fireEvent.click(box(/^Production/));
  fireEvent.click(save);
  await waitFor(() => expect(sent).toEqual([["PUT /api/team/four-eyes", { kinds: ["send"] }]]));
});

test("whoever is no owner sees the rule and cannot change it", () => {
  show(["destructive"], false);
  expect(box(/^Deleting/).checked).toBe(true);
  expect(screen.getByRole<HTMLFieldSetElement>("group").disabled).toBe(true);
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
  expect(screen.getByText(/Only an owner of the team/)).toBeTruthy();
});

test("what was refused is said, and the choice stays to be tried again", async () => {
  show([]);
  refusal = Response.json(
    {
      code: "policy.forbidden",
      detail: "Your role in this team does not allow that.",
      status: 403,
    },
    { status: 403, headers: { "content-type": "application/problem+json" } },
  );
  fireEvent.click(box(/^Many records/));
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByRole("alert")).toBeTruthy();
  expect(box(/^Many records/).checked).toBe(true);
});
