import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { afterEach, expect, test, vi } from "vitest";
import { MarketingCloudWizard } from "#components/connect/marketing-cloud-wizard.tsx";
import type { ConnectOptions } from "#lib/connections/schema.ts";

const redirectUris = {
  web: "http://localhost:3000/auth/sfmc-callback",
  desktop: "http://localhost:3000/sfmc-callback",
};
const options: ConnectOptions = {
  quickConnectConfigured: false,
  packagedAppConfigured: false,
  packageId: "04tfj000000GGiLAAW",
  demo: false,
  demoOrigin: null,
  redirectUris: { salesforce: redirectUris, "marketing-cloud": redirectUris },
  demoMarketingCloud: null,
};
const tenant = "mcb4x7t2k9qh1rn8";
const field = (name: string) => screen.getByRole("textbox", { name });
const type = (name: string, value: string) => fireEvent.change(field(name), { target: { value } });
const connect = () =>
  fireEvent.click(screen.getByRole("button", { name: /Connect with Marketing Cloud/ }));

const show = () =>
  render(
    <AppRouterContext value={{ push: vi.fn(), replace: vi.fn() } as never}>
      <MarketingCloudWizard options={options} from={null} surface={null} />
    </AppRouterContext>,
  );
afterEach(cleanup);

test("an incomplete form opens no window and takes the reader to its first gap", async () => {
  const open = vi.fn();
  vi.stubGlobal("open", open);
  show();
  connect();
  await waitFor(() => expect(document.activeElement).toBe(field("Connection name")));
  expect(screen.getByText("3 fields to fix")).toBeTruthy();
  expect(open).not.toHaveBeenCalled();
});

test("no surface at all takes the reader to the surfaces", async () => {
  show();
  type("Connection name", "Stores");
  type("Client ID", "abc");
  type("Auth Base URI", tenant);
  fireEvent.click(screen.getByRole("checkbox", { name: /^Web/ }));
  connect();
  await waitFor(() =>
    expect(document.activeElement).toBe(screen.getByRole("checkbox", { name: /^Web/ })),
  );
});

test("one base URI fills the other", () => {
  show();
  type("Auth Base URI", tenant);
  fireEvent.blur(field("Auth Base URI"));
  expect(field("REST Base URI")).toHaveProperty(
    "value",
    `https://${tenant}.rest.marketingcloudapis.com/`,
  );
});

test("a refusal of the server lands on its field, and what was typed stays", async () => {
  const close = vi.fn();
  const opened = { document: { title: "", body: { textContent: "" } }, closed: false, close };
  vi.stubGlobal("open", () => opened);
  vi.stubGlobal("fetch", async () =>
    Response.json(
      {
        title: "Bad input",
        detail: "One field was refused.",
        code: "input.invalid",
        issues: [{ path: "clientId", message: "This Client ID is taken." }],
      },
      { status: 400 },
    ),
  );
  show();
  type("Connection name", "Stores");
  type("Client ID", "abc");
  type("Auth Base URI", tenant);
  connect();
  expect(await screen.findByText("This Client ID is taken.")).toBeTruthy();
  expect(document.activeElement).toBe(field("Client ID"));
  expect(field("Connection name")).toHaveProperty("value", "Stores");
  expect(close).toHaveBeenCalled();
});
