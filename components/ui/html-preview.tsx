"use client";

import { getNonce } from "get-nonce";
import { useMemo } from "react";

/** Nothing is fetched, nothing runs, nothing is sent: only what is in the text itself. */
const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; form-action 'none'; base-uri 'none'";

/**
 * A stranger's HTML as it would look, in a frame of its own without scripts, forms, links or network
 * (WEB-9): pictures from elsewhere stay empty, so that looking tells nobody that somebody looked.
 *
 * @param props.name - what it is, for whoever does not see it
 */
export function HtmlPreview({ html, name }: { html: string; name: string }) {
  const text = useMemo(() => framed(html), [html]);
  return (
    <iframe
      title={name}
      sandbox=""
      srcDoc={text}
      referrerPolicy="no-referrer"
      className="h-96 w-full rounded-2 border border-line bg-[white]"
    />
  );
}

/** The text with our policy before anything of its own. */
function framed(html: string): string {
  const parsed = parse(html);
  for (const tag of parsed.querySelectorAll(
    "script, base, link, meta[http-equiv], iframe, object, embed",
  )) {
    tag.remove();
  }
  // The policy would hold these back too; without them nothing is even tried.
  for (const name of ["src", "srcset", "background", "poster"]) {
    for (const tag of parsed.querySelectorAll(`[${name}]`)) {
      if (!/^\s*data:/i.test(tag.getAttribute(name) ?? "")) tag.removeAttribute(name);
    }
  }
  const policy = parsed.createElement("meta");
  policy.setAttribute("http-equiv", "content-security-policy");
  policy.setAttribute("content", POLICY);
  parsed.head.prepend(policy);
  return `<!doctype html>${parsed.documentElement.outerHTML}`;
}

/**
 * A document that nobody sees. The browser holds the page's policy against its style sheets even here,
 * so each carries the page's nonce before it is read; of two, the first counts.
 */
function parse(html: string): Document {
  const nonce = getNonce();
  const text = nonce ? html.replace(/<style(?=[\s/>])/gi, `<style nonce=${nonce} `) : html;
  return new DOMParser().parseFromString(text, "text/html");
}

/** How many pictures and sheets of elsewhere a text names; the preview leaves them out. */
export function countOutside(html: string): number {
  const parsed = parse(html);
  const addresses = [
    ...[...parsed.querySelectorAll("[src]")].map((tag) => tag.getAttribute("src") ?? ""),
    ...[...parsed.querySelectorAll("link[href]")].map((tag) => tag.getAttribute("href") ?? ""),
    ...[...parsed.querySelectorAll("[background]")].map(
      (tag) => tag.getAttribute("background") ?? "",
    ),
  ];
  return addresses.filter((address) => /^\s*(https?:)?\/\//i.test(address)).length;
}
