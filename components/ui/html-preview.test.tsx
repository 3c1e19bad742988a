import { cleanup, render, screen } from "@testing-library/react";
import { setNonce } from "get-nonce";
import { afterEach, expect, test } from "vitest";
import { countOutside, HtmlPreview } from "#components/ui/html-preview.tsx";

afterEach(cleanup);

const nasty = `<html><head><base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/">
<link rel="stylesheet" href="https://evil.example/a.css"><style>h1 { color: green }</style></head>
<body background="https://evil.example/b.gif"><h1>Come back</h1><script>top.location = "https://evil.example/"</script>
<img src="https://pixel.example/o.gif" srcset="//pixel.example/p.gif 2x"><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<iframe src="https://evil.example/"></iframe><a href="https://evil.example/">Book</a></body></html>`;

test("[WEB-9] a stranger's HTML is shown in a frame that runs nothing and asks nobody for anything", () => {
  render(<HtmlPreview html={nasty} name="Mail" />);
  const frame = screen.getByTitle<HTMLIFrameElement>("Mail");
  expect(frame.getAttribute("sandbox")).toBe("");
  const shown = new DOMParser().parseFromString(frame.srcdoc, "text/html");
  const [first] = shown.head.children;
  expect(first?.getAttribute("http-equiv")).toBe("content-security-policy");
  expect(first?.getAttribute("content")).toMatch(/^default-src 'none'/);
  expect(shown.querySelectorAll("script, base, link, iframe, meta")).toHaveLength(1);
  expect(shown.querySelector("h1")?.textContent).toBe("Come back");
  expect(shown.querySelector("style")?.textContent).toContain("green");
  const loaded = [...shown.querySelectorAll("[src], [srcset], [background], [poster]")];
  expect(loaded.map((tag) => tag.getAttribute("src"))).toEqual([
    "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
  ]);
});

test("style sheets count as they were written, with the page's nonce and for their media only", () => {
  setNonce("b2ZvdXI=");
  const sheets = `<style nonce="theirs" media="print"><!-- h1 > b { color: red } --></style><STYLE/>p {}</STYLE>`;
  const text = `<!--sheet 0--><p title="<!--sheet 1-->">Hello</p>`;
  render(<HtmlPreview html={`${sheets}${text}`} name="Mail" />);
  const frame = screen.getByTitle<HTMLIFrameElement>("Mail");
  const shown = new DOMParser().parseFromString(frame.srcdoc, "text/html");
  const [first, second, more] = shown.querySelectorAll("style");
  expect(first?.textContent).toBe("<!-- h1 > b { color: red } -->");
  expect(first?.getAttribute("media")).toBe("print");
  expect(second?.textContent).toBe("p {}");
  expect(more).toBeUndefined();
  for (const sheet of [first, second]) expect(sheet?.getAttribute("nonce")).toBe("b2ZvdXI=");
  expect(shown.querySelector("p")?.title).toBe("<!--sheet 1-->");
});

test("what a mail would load from elsewhere is counted", () => {
  expect(countOutside(nasty)).toBe(4);
  expect(countOutside("<p>Nothing</p>")).toBe(0);
});
