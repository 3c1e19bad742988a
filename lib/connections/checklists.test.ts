import { expect, test } from "vitest";
import { checklistAsText, checklistFor } from "#lib/connections/checklists.ts";
import { methods } from "#lib/connections/schema.ts";

test("[OA-17] no checklist switches PKCE off, enables client credentials or grants full", () => {
  for (const method of methods) {
    const text = JSON.stringify(checklistFor(method));
    expect(text).not.toMatch(/client credentials|\bfull\b/i);
    expect(text).not.toMatch(/(switch|turn|uncheck|untick|disabl)[^.]{0,40}(pkce|proof key)/i);
  }
});

test("the text for an admin carries the exact redirect URIs and scopes", () => {
  const text = checklistAsText(checklistFor("public-app"), {
    redirectUris: ["https://studio.example/auth/sfmc-callback"],
    scopes: ["offline", "email_read"],
    installUrl: null,
  });
  expect(text).toContain("\n   https://studio.example/auth/sfmc-callback\n");
  expect(text).toContain("   offline email_read");
});
