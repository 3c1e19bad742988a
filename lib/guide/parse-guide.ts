import path from "node:path/posix";

export type GuideHeading = { id: string; text: string };

/**
 * What a page needs of a guide's text: title, headings for its own contents, and the body without the
 * title, with links between files turned into links between pages. The files read well where they lie.
 *
 * @param file - below `docs/`; relative links start there
 */
export function parseGuide(
  text: string,
  file: string,
): { title: string; body: string; headings: GuideHeading[] } {
  const title = /^# (.+)$/m.exec(text)?.[1]?.trim() ?? "Guide";
  const body = text
    .replace(/^# .+\n/m, "")
    .replace(
      /\]\((?!\w+:|#|\/)([^)\s]+?)\.md(#[\w-]+)?\)/g,
      (_whole, target: string, hash = "") => {
        const page = path.join(path.dirname(file), target).replace(/(^|\/)README$/, "");
        return `](${page === "" || page === "." ? "/docs" : `/docs/${page}`}${hash})`;
      },
    );
  const headings = [...body.matchAll(/^## (.+)$/gm)].map(([, text = ""]) => {
    const plain = text.replace(/[`*]/g, "").trim();
    return { id: headingId(plain), text: plain };
  });
  return { title, body, headings };
}

/** An address within the page, as repositories make them of headings too. */
export function headingId(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}
