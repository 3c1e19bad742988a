"use client";

import { Download } from "lucide-react";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { CopyButton } from "#components/ui/copy-field.tsx";

/** The codes, the one time that they are shown. Nothing but "I have kept them" closes them. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const text = codes.join("\n");
  return (
    <>
      <ul
        aria-label="Recovery codes"
        className="mono grid gap-x-4 gap-y-1.5 rounded-2 border border-line bg-sunken p-3 text-sm md:grid-cols-2"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <p className="text-ink-2 text-xs">
        Each works once, in place of your second factor. Keep them where you keep passwords: they
        are not shown again.
      </p>
      <div className="flex flex-wrap justify-end gap-2">
        <CopyButton value={text} label="Copy all" />
        <a
          className={buttonClass({})}
          download="meshmesh-studio-recovery-codes.txt"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n`)}`}
        >
          <Download aria-hidden strokeWidth={1.5} />
          Download
        </a>
        <Button tone="primary" onClick={onKept}>
          I have kept them
        </Button>
      </div>
    </>
  );
}
