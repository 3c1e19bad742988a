import "server-only";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { guidePages, troubleshootingSlug } from "#lib/guide/contents.ts";
import { parseGuide } from "#lib/guide/parse-guide.ts";
import { isReasonCode } from "#lib/providers/reason-codes.ts";

export type Guide = ReturnType<typeof parseGuide> & { slug: string; file: string };

const folder = path.join(process.cwd(), "docs");

/**
 * A page of the guide, by its address below `/docs`. Only what the contents name, and the page of each
 * reason, can be read: an address never becomes a path.
 *
 * @param studioUrl - takes the place of `{STUDIO_URL}`, so that addresses can be copied as they stand
 * @returns null for any other address
 */
export async function readGuidePage(slug: string, studioUrl: string): Promise<Guide | null> {
  const file = fileOf(slug);
  if (file === null) return null;
  const text = await readFile(path.join(folder, file), "utf8");
  return { slug, file, ...parseGuide(text.replaceAll("{STUDIO_URL}", studioUrl), file) };
}

function fileOf(slug: string): string | null {
  const page = guidePages.find((one) => one.slug === slug);
  if (page) return page.file;
  const code = slug.startsWith("troubleshooting/") ? slug.slice("troubleshooting/".length) : "";
  return isReasonCode(code) ? `${troubleshootingSlug(code)}.md` : null;
}
