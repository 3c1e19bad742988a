"use client";

import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLiveChanges } from "#components/live/live.ts";
import { type Inspection, inspectStep } from "#components/plans/inspect-step.ts";
import {
  refreshSteps,
  STEPS_A_PAGE,
  stepPageOptions,
  type VersionOf,
} from "#components/plans/queries.ts";
import type { PlanJson, StepJson } from "#lib/plans/schema.ts";

/** Steps are read again at most so often while they are carried out. */
const REFRESH_EVERY_MS = 1_000;

/** The steps from `first` to `last`, counted from 0, as far as they have come; more come by themselves. */
export function useSteps(
  of: VersionOf,
  first: number,
  last: number,
): (index: number) => StepJson | undefined {
  const from = Math.floor(Math.max(0, first - 1) / STEPS_A_PAGE);
  const to = Math.floor(Math.max(0, last) / STEPS_A_PAGE);
  const pages = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const found = useQueries({ queries: pages.map((page) => stepPageOptions(of, page)) });
  return (index) =>
    found[Math.floor(index / STEPS_A_PAGE) - from]?.data?.items[index % STEPS_A_PAGE];
}

/** Keeps the steps in sight true while they are carried out. */
export function useRunningSteps(
  plan: Pick<PlanJson, "id" | "version" | "state" | "updatedAt">,
): void {
  const queries = useQueryClient();
  const last = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const of = useRef(plan);
  of.current = plan;
  const refresh = () => {
    if (timer.current !== undefined) return;
    const waitMs = Math.max(0, last.current + REFRESH_EVERY_MS - performance.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      last.current = performance.now();
      void refreshSteps(queries, of.current);
    }, waitMs);
  };
  useLiveChanges("plan", (ids) => {
    if (ids === "all" || ids.includes(plan.id)) refresh();
  });
  // Also where nothing is told and the plan was asked for instead.
  const mark = `${plan.state} ${plan.updatedAt}`;
  const seen = useRef(mark);
  useEffect(() => {
    if (seen.current === mark) return;
    seen.current = mark;
    refresh();
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}

export type Reading = {
  /** How many steps were read. */
  read: number;
  isDone: boolean;
  hasFailed: boolean;
  inspections: readonly Inspection[];
  again: () => void;
};

/**
 * Reads every step, in order, in the background: nobody approves what this page has not read (PLN-9).
 *
 * @param isWanted - false where contents are not this person's to see
 */
export function useReading(of: VersionOf & { stepCount: number }, isWanted: boolean): Reading {
  const queries = useQueryClient();
  const { id, version, stepCount } = of;
  const [state, setState] = useState<Omit<Reading, "again">>(none);
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt begins anew
  useEffect(() => {
    let isGone = false;
    setState(none);
    if (!isWanted) return;
    const read = async () => {
      const inspections: Inspection[] = [];
      try {
        for (let page = 0; page * STEPS_A_PAGE < stepCount; page++) {
          const { items } = await queries.ensureQueryData(stepPageOptions({ id, version }, page));
          if (isGone) return;
          for (const step of items) inspections.push(inspectStep(step));
          setState({
            read: inspections.length,
            isDone: inspections.length >= stepCount,
            hasFailed: false,
            inspections: [...inspections],
          });
        }
      } catch {
        if (!isGone) setState((now) => ({ ...now, hasFailed: true }));
      }
    };
    void read();
    return () => {
      isGone = true;
    };
  }, [queries, id, version, stepCount, isWanted, attempt]);
  return { ...state, again: () => setAttempt((now) => now + 1) };
}

const none = { read: 0, isDone: false, hasFailed: false, inspections: [] } as const;
