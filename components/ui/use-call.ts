"use client";

import { useState } from "react";
import { problemWords } from "#components/ui/api.ts";

/** Runs one call at a time; what went wrong is kept as words. */
export function useCall() {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = async (work: () => Promise<void>) => {
    setIsBusy(true);
    setError(null);
    try {
      await work();
    } catch (cause) {
      setError(problemWords(cause));
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, error, run, clear: () => setError(null) };
}
