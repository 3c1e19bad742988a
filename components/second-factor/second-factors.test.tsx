import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { afterEach, expect, test, vi } from "vitest";
import { SecondFactorPrompt } from "#components/second-factor/second-factor-prompt.tsx";
import { SecondFactors } from "#components/second-factor/second-factors.tsx";
import { NowProvider } from "#components/ui/now.tsx";
import type { SecondFactorsJson } from "#lib/second-factor/schema.ts";

const now = "2026-03-02T09:00:00.000Z";
const router = { push: vi.fn(), refresh: vi.fn() };
const begun = {
  factorId: "3f0c9a4e-6f3b-4a35-9a57-0f5b7f0a1c13",
  secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
  uri: "otpauth://totp/x",
  qr: { size: 41, path: "M4 4h7v1h-7z" },
};
const refuse = (code: string, remedy: object) =>
  Response.json({ code, detail: "Refused.", remedy }, { status: 403 });

/** Answers each call in turn. */
function show(answers: Response[], own: Partial<SecondFactorsJson> = {}) {
  const calls: string[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    calls.push(`${init.method ?? "GET"} ${path}`);
    return answers.shift() ?? new Response(null, { status: 500 });
  });
  const given = { factors: [], recoveryCodesLeft: 0, isWanted: true, hasPassword: true, ...own };
  render(
    <AppRouterContext.Provider value={router as never}>
      <NowProvider initialNow={now}>
        <SecondFactors {...given} />
        <SecondFactorPrompt />
      </NowProvider>
    </AppRouterContext.Provider>,
  );
  return calls;
}
afterEach(cleanup);

test("[WEB-11] where the sign-in is old, the password is asked for and the set-up goes on by itself", async () => {
  const calls = show([
    refuse("auth.recent_sign_in_needed", { do: "sign-in" }),
    new Response(null, { status: 204 }),
    Response.json(begun, { status: 201 }),
    Response.json({ recoveryCodes: ["AAAA-BBBB-CCCC-DDDD"] }),
  ]);
  fireEvent.click(screen.getByRole("button", { name: "Add authenticator app" }));
  fireEvent.change(await screen.findByLabelText("Password"), { target: { value: "given" } });
  fireEvent.click(screen.getByRole("button", { name: "Confirm" }));
  await screen.findByRole("img", { name: "QR code of the key" });
  fireEvent.change(screen.getByLabelText("Code from the app"), { target: { value: "123456" } });
  fireEvent.click(screen.getByRole("button", { name: "Confirm" }));
  await screen.findByText("AAAA-BBBB-CCCC-DDDD");
  fireEvent.keyDown(document.activeElement ?? document.body, { key: "Escape" });
  fireEvent.click(screen.getByRole("button", { name: "I have kept them" }));
  await waitFor(() => expect(screen.queryByText("AAAA-BBBB-CCCC-DDDD")).toBeNull());
  expect(calls).toEqual([
    "POST /api/second-factor/totp",
    "POST /api/password/confirm",
    "POST /api/second-factor/totp",
    `POST /api/second-factor/totp/${begun.factorId}/confirm`,
  ]);
});

test("[WEB-11] a refusal for want of a fresh second factor leads to the step and back", async () => {
  show([refuse("auth.second_factor_required", { do: "second-factor", step: "confirm" })]);
  fireEvent.click(screen.getByRole("button", { name: "Add passkey" }));
  const way = await screen.findByRole("link", { name: "Confirm" });
  expect(way.getAttribute("href")).toMatch(/^\/sign-in\/second-step\?returnTo=/);
  expect(screen.queryByRole("alert"), "said once").toBeNull();
});
