"use client";

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import type { VersionOf } from "#components/plans/queries.ts";
import { type StepChange, StepView } from "#components/plans/step-view.tsx";
import { type ShownTarget, TargetBar, targetEdge } from "#components/plans/target-bar.tsx";
import { useSteps } from "#components/plans/use-steps.ts";
import { cn } from "#components/ui/cn.ts";
import { Skeleton } from "#components/ui/skeleton.tsx";

/** About what a step with a few changes takes. */
const ESTIMATED_PX = 176;
const AHEAD = 6;
/** Below the bar of the page. */
const STICKY_TOP_PX = 52;

/** Lets whoever is above bring a step into sight. */
export type StepScroller = { show: (position: number) => void };

/**
 * Every step, in order, grouped by the org it writes to: only those in sight are in the page, so that a
 * thousand cost no more than ten. The org of the first one in sight stays in sight.
 */
export function StepList({
  of,
  stepCount,
  targets,
  showsContent,
  maySettle,
  onAskForChange,
  changeOf,
  renderTrouble,
  scroller,
}: {
  of: VersionOf;
  stepCount: number;
  targets: readonly ShownTarget[];
  showsContent: boolean;
  maySettle: boolean;
  onAskForChange: ((words: string) => void) | null;
  changeOf?: ((position: number) => StepChange | undefined) | undefined;
  /** What stands in the way of a target, at its head; null where nothing does. */
  renderTrouble?: (target: ShownTarget) => ReactNode;
  scroller: { current: StepScroller | null };
}) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => {
      if (list.current) setTop(list.current.getBoundingClientRect().top + window.scrollY);
    };
    measure();
    const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(measure);
    observer?.observe(document.body);
    return () => observer?.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count: stepCount,
    estimateSize: () => ESTIMATED_PX,
    overscan: AHEAD,
    scrollMargin: top,
    scrollPaddingStart: STICKY_TOP_PX + 48,
    getItemKey: (index) => `${of.version}/${index}`,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  const stepAt = useSteps(of, first, last);
  useLayoutEffect(() => {
    scroller.current = {
      show(position) {
        virtual.scrollToIndex(position - 1, { align: "start" });
        // It may have to come first; then it takes the focus.
        const look = (turns: number) => {
          const link = document.querySelector<HTMLElement>(`a[href="#step-${position}"]`);
          if (link) link.focus({ preventScroll: true });
          else if (turns > 0) requestAnimationFrame(() => look(turns - 1));
        };
        requestAnimationFrame(() => look(30));
      },
    };
    return () => {
      scroller.current = null;
    };
  }, [virtual, scroller]);

  const targetOf = new Map(targets.map((target) => [target.connectionId, target]));
  const offset = virtual.scrollOffset ?? 0;
  const inSight = items.find((item) => item.end > offset + STICKY_TOP_PX + 1);
  const sightStep = inSight === undefined ? undefined : stepAt(inSight.index);
  const sightTarget = sightStep === undefined ? undefined : targetOf.get(sightStep.connectionId);
  const isScrolledIn = offset + STICKY_TOP_PX > top + 8;

  return (
    <div ref={list}>
      <div aria-hidden className="sticky top-topbar z-10 h-0">
        {isScrolledIn && sightTarget !== undefined && (
          <TargetBar
            target={sightTarget}
            className="min-h-8 rounded-b-2 border border-line border-t-0 py-0.5 text-xs shadow-1"
          />
        )}
      </div>
      <ol aria-label="Steps" className="relative" style={{ height: `${virtual.getTotalSize()}px` }}>
        {items.map((item) => {
          const step = stepAt(item.index);
          const before = item.index === 0 ? undefined : stepAt(item.index - 1);
          const after = stepAt(item.index + 1);
          const isFirst =
            item.index === 0 ||
            (before !== undefined && before.connectionId !== step?.connectionId);
          const isLast =
            item.index === stepCount - 1 ||
            (after !== undefined && after.connectionId !== step?.connectionId);
          const target = step === undefined ? undefined : targetOf.get(step.connectionId);
          return (
            <li
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              aria-posinset={item.index + 1}
              aria-setsize={stepCount}
              className={cn("absolute inset-x-0 top-0", isLast && "pb-4")}
              style={{ transform: `translateY(${item.start - virtual.options.scrollMargin}px)` }}
            >
              <div
                className={cn(
                  "relative overflow-clip border-line border-x bg-raised before:absolute before:inset-y-0 before:left-0 before:z-[1] before:w-[3px] before:content-['']",
                  target !== undefined && targetEdge[target.environment],
                  isFirst ? "rounded-t-3 border-t" : "border-t",
                  isLast && "rounded-b-3 border-b",
                )}
              >
                {isFirst && target !== undefined && (
                  <h2>
                    <TargetBar
                      target={target}
                      className="border-line border-b"
                      trouble={renderTrouble?.(target)}
                    />
                  </h2>
                )}
                {step === undefined ? (
                  <StepSkeleton />
                ) : (
                  <StepView
                    of={of}
                    step={step}
                    showsContent={showsContent}
                    maySettle={maySettle}
                    onAskForChange={onAskForChange}
                    change={changeOf?.(step.position)}
                  />
                )}
              </div>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function StepSkeleton() {
  return (
    <div className="grid gap-3 py-3 pr-4 pl-[46px]" style={{ height: ESTIMATED_PX }}>
      <Skeleton className="h-4 w-2/5" />
      <Skeleton className="h-20 w-full" />
    </div>
  );
}
