import { expect, type Page } from "@playwright/test";

/**
 * Presses keys until the page hears them: those that come before its script listens are lost, as they
 * are for a person.
 *
 * @param isHeard - fails as long as nothing came of it; with a time, after which they are pressed again
 */
export const pressUntil = (page: Page, keys: readonly string[], isHeard: () => Promise<void>) =>
  expect(async () => {
    for (const key of keys) await page.keyboard.press(key);
    await isHeard();
  }).toPass();
