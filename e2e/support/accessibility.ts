import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { picturesDir } from "./studio.ts";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const widths = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } } as const;

/**
 * Holds the page as it stands against WCAG 2.2 AA in both themes, wide and narrow, and that nothing
 * makes it scroll sideways. Leaves a picture of each behind.
 */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  const found: string[] = [];
  for (const [width, size] of Object.entries(widths)) {
    await page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
      await settled(page);
      const where = `${name}, ${width}, ${colorScheme}`;
      const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
      for (const { id, nodes } of violations) {
        for (const node of nodes)
          found.push(`${where}: ${id} ${node.target.join(" ")} ${node.failureSummary ?? ""}`);
      }
      const beyond = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (beyond > 0) found.push(`${where}: ${beyond} px wider than the window`);
      await page.screenshot({
        path: path.join(picturesDir, `${name.replaceAll(" ", "-")}-${width}-${colorScheme}.png`),
        fullPage: true,
        animations: "disabled",
        caret: "hide",
      });
    }
  }
  await page.setViewportSize(widths.wide);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
  expect(found).toEqual([]);
}

/** Colours that fade from one theme to the other are judged when they have arrived. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  });
}
