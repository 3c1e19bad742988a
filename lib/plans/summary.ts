import { risksOf } from "#lib/plans/plan-state.ts";
import type { PlanTarget, PlanWarning, Risk } from "#lib/plans/schema.ts";
import type { Effect } from "#lib/providers/operation.ts";
import type { Warning } from "#lib/providers/preview.ts";
import { sumRecipients } from "#lib/providers/vocabulary.ts";

/** What a plan's own row says of its steps. */
export type PlanSummary = {
  stepCount: number;
  stepHashes: string[];
  records: number;
  recipients: number;
  targets: PlanTarget[];
  connectionIds: string[];
  risks: Risk[];
  warnings: PlanWarning[];
};

type SummedStep = {
  effect: Effect;
  records: number;
  recipients: number;
  warnings: readonly Pick<Warning, "code">[];
};

/**
 * Sums a plan up, step by step. The same for the steps as they are prepared and as they are stored, so that
 * a plan's row can be held against its steps.
 */
export function createSummary(): {
  add(target: PlanTarget, step: SummedStep, hash: string): void;
  count(): number;
  all(): PlanSummary;
} {
  const stepHashes: string[] = [];
  const targets = new Map<string, PlanTarget>();
  const kinds = new Set<Effect>();
  const warnings = new Map<PlanWarning["code"], number>();
  let records = 0;
  let recipients = 0;
  const warn = (code: PlanWarning["code"]) => warnings.set(code, (warnings.get(code) ?? 0) + 1);
  return {
    add(target, step, hash) {
      stepHashes.push(hash);
      targets.set(target.connectionId, target);
      kinds.add(step.effect);
      if (step.recipients > 0) kinds.add("send");
      records += step.records;
      recipients = sumRecipients(recipients, step.recipients);
      const codes = codesOf(target, step);
      // A part of what runs code or sends may remove something too.
      if (codes.has("delete")) kinds.add("destructive");
      for (const code of codes) warn(code);
    },
    count: () => stepHashes.length,
    all() {
      const where = [...targets.values()];
      const found = risksOf({ kinds, records, recipients }, where);
      if (found.includes("bulk") && !warnings.has("bulk")) warnings.set("bulk", stepHashes.length);
      return {
        stepCount: stepHashes.length,
        stepHashes,
        records,
        recipients,
        targets: where,
        connectionIds: [...targets.keys()],
        risks: found,
        warnings: [...warnings]
          .map(([code, steps]) => ({ code, steps }))
          .sort((one, other) => (one.code < other.code ? -1 : 1)),
      };
    },
  };
}

function codesOf(target: PlanTarget, step: SummedStep): Set<PlanWarning["code"]> {
  const codes = new Set<PlanWarning["code"]>(step.warnings.map(({ code }) => code));
  if (target.isProduction) codes.add("production");
  if (step.effect === "destructive") codes.add("delete");
  if (step.effect === "send" || step.recipients > 0) codes.add("send");
  if (step.effect === "code") codes.add("code");
  return codes;
}
