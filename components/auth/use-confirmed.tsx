"use client";

import { type ReactNode, useState } from "react";
import { ConfirmItIsYou } from "#components/auth/confirm-it-is-you.tsx";
import { ApiProblem, problemWords } from "#components/ui/api.ts";

/** Resolves with "leaves" where the page is about to be another one: it stays busy until it is. */
type Work = () => Promise<unknown>;

/**
 * Runs what needs a recent sign-in: where the studio asks for one, the person confirms, and it runs
 * again by itself.
 *
 * @returns `dialog` to be shown, the words of a failure, and which work is under way
 */
export function useConfirmed(hasPassword: boolean): {
  run: (name: string, work: Work) => Promise<void>;
  busy: string | null;
  problem: string | null;
  dialog: ReactNode;
} {
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [waiting, setWaiting] = useState<{ name: string; work: Work } | null>(null);
  const run = async (name: string, work: Work) => {
    setBusy(name);
    setProblem(null);
    try {
      if ((await work()) !== "leaves") setBusy(null);
    } catch (error) {
      if (error instanceof ApiProblem && error.code === "auth.recent_sign_in_needed") {
        setWaiting({ name, work });
      } else {
        setProblem(problemWords(error));
      }
      setBusy(null);
    }
  };
  const dialog = waiting && (
    <ConfirmItIsYou
      hasPassword={hasPassword}
      onClose={() => setWaiting(null)}
      onConfirmed={() => {
        setWaiting(null);
        void run(waiting.name, waiting.work);
      }}
    />
  );
  return { run, busy, problem, dialog };
}
