"use client";

import { useState } from "react";
import { beginWay } from "#components/auth/begin-way.ts";
import { problemWords } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { FieldError } from "#components/ui/field.tsx";
import type { OfferedWay } from "#lib/auth/schema.ts";

/** A button for each identity provider that the studio offers. */
export function WayButtons({
  ways,
  returnTo,
}: {
  ways: readonly OfferedWay[];
  /** A known path of ours, checked by the page. */
  returnTo: string;
}) {
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const go = async (way: OfferedWay) => {
    setBusy(way.id);
    setProblem(null);
    try {
      await beginWay(way.id, { intent: "sign-in", returnTo });
    } catch (error) {
      setProblem(problemWords(error));
      setBusy(null);
    }
  };
  return (
    <div className="grid gap-2">
      {ways.map((way) => (
        <Button
          key={way.id}
          isBusy={busy === way.id}
          busyLabel={`Going to ${way.name}`}
          disabled={busy !== null && busy !== way.id}
          onClick={() => void go(way)}
        >
          Continue with {way.name}
        </Button>
      ))}
      <div role="alert">{problem !== null && <FieldError>{problem}</FieldError>}</div>
    </div>
  );
}
