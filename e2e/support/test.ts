import { test as base, expect } from "@playwright/test";
import { studioUrl } from "./studio.ts";

/**
 * Every page of a test is watched: a script error, an error on the console or something that the
 * content security policy held back fails it, whatever else was seen.
 */
export const test = base.extend<{ watched: undefined }>({
  // A part that streams in stands twice in the document for a moment: once hidden, once in its place.
  page: async ({ page }, use) => {
    const goto = page.goto.bind(page);
    page.goto = async (...where) => {
      const response = await goto(...where);
      await expect(page.locator("div[hidden][id^='S:']")).toHaveCount(0);
      return response;
    };
    await use(page);
  },
  watched: [
    async ({ context }, use) => {
      const trouble: string[] = [];
      context.on("weberror", (error) => trouble.push(String(error.error())));
      context.on("console", (message) => {
        const isOurs = message.location().url.startsWith(studioUrl);
        // The browser's own line about a refusal that the test asked for.
        const isStatus = message.text().startsWith("Failed to load resource");
        if (message.type() === "error" && isOurs && !isStatus) trouble.push(message.text());
      });
      await use(undefined);
      expect(trouble).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
