import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import type { ComponentProps } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SignInView } from "#components/auth/sign-in-view.tsx";
import { WaysPanel, type WaysPanelProps } from "#components/auth/ways-panel.tsx";
import { NowProvider } from "#components/ui/now.tsx";
import type { LinkedWay } from "#lib/auth/schema.ts";

const now = "2026-03-02T09:00:00.000Z";
const sso: LinkedWay = {
  id: "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c13",
  way: "oidc",
  name: "Example SSO",
  email: "dana@aurora.example",
  isOffered: true,
  lastUsedAt: now,
};
const offered = [
  { id: "oidc", name: "Example SSO" },
  { id: "salesforce", name: "Salesforce" },
] as const;

const calls: string[] = [];
let answers: Record<string, Response[]> = {};
beforeEach(() => {
  calls.length = 0;
  answers = {};
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    const call = `${init.method ?? "GET"} ${path}`;
    calls.push(call);
    return answers[call]?.shift() ?? new Response(null, { status: 204 });
  });
});
afterEach(cleanup);

const router = { refresh: vi.fn() } as unknown as ComponentProps<
  typeof AppRouterContext.Provider
>["value"];
const show = (props: Partial<WaysPanelProps>) =>
  render(
    <AppRouterContext.Provider value={router}>
      <NowProvider initialNow={now}>
        <WaysPanel hasPassword linked={[sso]} offered={offered} {...props} />
      </NowProvider>
    </AppRouterContext.Provider>,
  );

test("the only way in cannot be taken away, and others can be linked", () => {
  show({ hasPassword: false });
  expect(screen.getByText(/This is your only way in/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Remove Example SSO" })).toBeNull();
  expect(screen.getByRole("button", { name: "Link Salesforce" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Link Example SSO" })).toBeNull();
});

test("[WEB-12] a way is removed after the password was given, without pressing again", async () => {
  const path = `DELETE /api/sign-in-ways/${sso.id}`;
  answers[path] = [Response.json({ code: "auth.recent_sign_in_needed" }, { status: 403 })];
  show({});
  fireEvent.click(screen.getByRole("button", { name: "Remove Example SSO" }));
  fireEvent.change(await screen.findByLabelText("Password"), { target: { value: "a password" } });
  fireEvent.click(screen.getByRole("button", { name: "Confirm" }));
  await waitFor(() => expect(calls).toEqual([path, "POST /api/password/confirm", path]));
});

test("leaving for a provider that does not answer says so, and the page stays", async () => {
  const detail = "Example SSO does not answer. Try again in a moment, or sign in another way.";
  answers["GET /api/auth/csrf"] = [Response.json({ csrfToken: "t" })];
  answers["POST /api/auth/signin/oidc"] = [
    Response.json({ code: "auth.way_unreachable", detail }, { status: 502 }),
  ];
  render(
    <SignInView
      title="Sign in"
      lead="Welcome."
      ways={offered}
      returnTo="/integrations"
      problem={{ code: "auth.not_admitted", name: "Example SSO" }}
    />,
  );
  expect(screen.getByText("You are in no team of this studio yet")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Continue with Example SSO" }));
  expect(await screen.findByText(detail)).toBeTruthy();
});
