import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { CopyButton } from "#components/ui/copy-field.tsx";
import { headingId } from "#lib/guide/parse-guide.ts";

const textOf = (node: ReactNode): string =>
  typeof node === "string"
    ? node
    : Array.isArray(node)
      ? node.map(textOf).join("")
      : typeof node === "object" && node !== null && "props" in node
        ? textOf((node.props as { children?: ReactNode }).children)
        : "";

const link = "text-accent-ink underline decoration-accent-line underline-offset-2";

const parts: Components = {
  h2: ({ children }) => (
    <h2
      id={headingId(textOf(children))}
      className="mt-9 mb-2 scroll-mt-[calc(var(--topbar)+1rem)] text-lg"
    >
      {children}
    </h2>
  ),
  h3: ({ children }) => <h3 className="mt-6 mb-1 text-md">{children}</h3>,
  p: ({ children }) => <p className="my-3 text-pretty">{children}</p>,
  ul: ({ children }) => <ul className="my-3 grid list-disc gap-1 pl-5">{children}</ul>,
  ol: ({ children }) => <ol className="my-3 grid list-decimal gap-1.5 pl-5">{children}</ol>,
  strong: ({ children }) => <strong className="font-label text-ink">{children}</strong>,
  blockquote: ({ children }) => (
    <blockquote className="my-4 border-accent-line border-l-2 pl-3">{children}</blockquote>
  ),
  code: ({ children }) => (
    <code className="rounded-1 bg-chip px-1 py-px font-mono text-[0.92em] text-ink [overflow-wrap:anywhere]">
      {children}
    </code>
  ),
  pre: ({ children }) => (
    <div className="group relative my-3">
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
        tabIndex={0}
        className="overflow-x-auto rounded-3 border border-line bg-sunken p-3 pr-12 text-xs leading-[1.25rem] [&_code]:bg-transparent [&_code]:p-0 [&_code]:[overflow-wrap:normal]"
      >
        {children}
      </pre>
      <div className="absolute top-1.5 right-1.5">
        <CopyButton value={textOf(children).trimEnd()} label="Copy this text" shows="icon" />
      </div>
    </div>
  ),
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be no better name for a scrolling part.
    <div className="my-4 overflow-x-auto" role="group" aria-label="Table" tabIndex={0}>
      <table className="w-full border-collapse text-sm">{children}</table>
    </div>
  ),
  th: ({ children }) => (
    <th className="border-line-strong border-b py-1.5 pr-4 text-left font-label text-ink-3 text-xs">
      {children}
    </th>
  ),
  td: ({ children }) => <td className="border-line border-b py-2 pr-4 align-top">{children}</td>,
  a: ({ href = "", children }) =>
    href.startsWith("/") ? (
      <Link href={href as Route} className={link}>
        {children}
      </Link>
    ) : (
      <a
        href={href}
        className={link}
        {...(!href.startsWith("#") && { target: "_blank", rel: "noreferrer" })}
      >
        {children}
      </a>
    ),
  img: () => null,
};

/** A guide's body. The files are ours; raw HTML in them is shown as text all the same. */
export function GuideText({ body }: { body: string }) {
  return (
    <div className="text-ink-2 text-md leading-[1.4375rem]">
      <Markdown remarkPlugins={[remarkGfm]} components={parts}>
        {body}
      </Markdown>
    </div>
  );
}
