"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { inspectStep, requestKey } from "#components/plans/inspect-step.ts";
import { OpenFirst, useIsOpened } from "#components/plans/opened.tsx";
import { shortHash } from "#components/plans/plan-words.ts";
import { stepOptions } from "#components/plans/queries.ts";
import { bytesOf, sizeWords } from "#components/ui/amounts.ts";
import { problemWords } from "#components/ui/api.ts";
import { CopyButton } from "#components/ui/copy-field.tsx";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import { ScrollRegion } from "#components/ui/scroll-region.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { StepDetailJson, StepJson } from "#lib/plans/schema.ts";

/** More than this of a request is shown on demand. */
const SHOWN_AT_ONCE = 20_000;

/** What will be sent, byte for byte but the token; asked for when it is opened. */
export function RequestView({ of, step }: { of: { id: string; version: number }; step: StepJson }) {
  const [isOpen, setIsOpen] = useState(false);
  const key = requestKey(step.position);
  const [isOpened, open] = useIsOpened(key);
  const mustOpen = inspectStep(step).toOpen.some((each) => each.key === key);
  const detail = useQuery({ ...stepOptions(of, step.position), enabled: isOpen });
  return (
    <Disclosure
      className="mt-2.5 text-xs"
      onToggle={setIsOpen}
      summary={
        <>
          {requestWords[step.state]}
          <code className="mono text-ink-3">{shortHash(step.hash)}</code>
          {mustOpen && <OpenFirst isOpened={isOpened} />}
        </>
      }
    >
      <div className="mt-2 grid gap-2">
        {detail.isError && <p className="text-danger-ink">{problemWords(detail.error)}</p>}
        {isOpen && detail.isPending && <Skeleton className="h-16 w-full" />}
        {detail.data && <Request step={detail.data} onShown={open} />}
      </div>
    </Disclosure>
  );
}

const requestWords: Record<StepJson["state"], string> = {
  pending: "What will be sent",
  sending: "What is being sent",
  applied: "What was sent",
  failed: "What was sent",
  unknown: "What was sent",
  drifted: "What was not sent",
  skipped: "What was not sent",
};

function Request({ step, onShown }: { step: StepDetailJson; onShown: () => void }) {
  const { request } = step;
  // Only now, that it is here to be read.
  useEffect(onShown);
  if (request === null) return <p className="text-ink-3">This is not yours to see.</p>;
  const address = `${request.method} https://${request.host}${request.path}${request.query === "" ? "" : `?${request.query}`}`;
  const headers = [
    ...(request.contentType === null ? [] : [["content-type", request.contentType] as const]),
    ...(request.soapAction === null ? [] : [["soapaction", request.soapAction] as const]),
    ...Object.entries(request.headers),
  ];
  return (
    <>
      <div className="rounded-2 bg-sunken p-2.5">
        <p className="mono text-ink">
          <PlainText text={address} />
        </p>
        <p className="mono text-ink-3">
          authorization: the token of its owner, added when it is sent
        </p>
        {headers.map(([name, value]) => (
          <p key={name} className="mono text-ink-2">
            <PlainText text={`${name}: ${value}`} />
          </p>
        ))}
        {request.body !== null && request.body !== "" && <RequestBody body={request.body} />}
      </div>
      <p className="text-ink-3">
        {step.isGuarded
          ? "Just before it is sent, what it was made from is read again; if that changed, it is not sent."
          : "Nothing can be read again before it is sent: it is sent as it stands here."}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-ink-3">
          SHA-256 <code className="mono">{shortHash(step.hash)}</code>
        </span>
        <CopyButton value={step.hash} label="Copy the hash" size="sm" />
        {step.content !== null && (
          <CopyButton value={step.content} label="Copy all that is hashed" size="sm" />
        )}
      </div>
      {step.inputPosition !== step.position && (
        <p className="text-ink-3">
          What its operation was given stands in step {step.inputPosition}.
        </p>
      )}
      {step.input !== null && step.input !== undefined && (
        <Disclosure summary={`What ${step.operationId} was given`}>
          <RequestBody body={JSON.stringify(step.input, null, 2)} />
        </Disclosure>
      )}
    </>
  );
}

function RequestBody({ body }: { body: string }) {
  const [isWhole, setIsWhole] = useState(body.length <= SHOWN_AT_ONCE);
  return (
    <>
      <ScrollRegion name="Body" className="mono mt-2 max-h-80 border-line border-t pt-2 text-ink-2">
        <PlainText text={isWhole ? body : body.slice(0, SHOWN_AT_ONCE)} />
      </ScrollRegion>
      {!isWhole && (
        <button type="button" className="link mt-1" onClick={() => setIsWhole(true)}>
          Show all {sizeWords(bytesOf(body))}
        </button>
      )}
    </>
  );
}
