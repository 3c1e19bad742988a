"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { checkDefinition } from "#components/doctor/queries.ts";
import { ReportSkeleton } from "#components/doctor/report-skeleton.tsx";
import { Button } from "#components/ui/button.tsx";
import { FieldError, Help } from "#components/ui/field.tsx";
import { useCall } from "#components/ui/use-call.ts";
import type { DoctorReport } from "#lib/doctor/schema.ts";

const ReportView = dynamic(
  () => import("#components/doctor/report-view.tsx").then((module) => module.ReportView),
  { loading: ReportSkeleton },
);

const NAMELESS = "New connection";

/**
 * Checks what a form holds at this moment. It saves nothing and keeps nobody from connecting; a report
 * about details that have changed since says so.
 *
 * @param props.definition - what would be sent, as typed
 */
export function DraftCheck({ definition }: { definition: Record<string, unknown> }) {
  const call = useCall();
  const [checked, setChecked] = useState<{ of: string; report: DoctorReport } | null>(null);
  // No line looks at the secret, so it stays here. Nor is there one about the name, so it may be absent.
  const { name, clientSecret: _, ...rest } = definition;
  const draft = {
    ...rest,
    name: typeof name === "string" && name.trim() !== "" ? name : NAMELESS,
  };
  const text = JSON.stringify(draft);
  const run = () =>
    call.run(async () => setChecked({ of: text, report: await checkDefinition(draft) }));
  const button = (label: string, size: "md" | "sm") => (
    <Button size={size} isBusy={call.isBusy} busyLabel="Checking" onClick={run}>
      {label}
    </Button>
  );
  return (
    <section aria-label="Check before connecting" className="mt-6 border-line border-t pt-6">
      {checked === null && !call.isBusy && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          {button("Check before connecting", "md")}
          <Help>Asks the host and looks at the details. Nothing is saved.</Help>
        </div>
      )}
      <div role="alert">
        {call.error !== null && (
          <div className="mt-2">
            <FieldError>{call.error}</FieldError>
          </div>
        )}
      </div>
      {call.isBusy ? (
        <ReportSkeleton />
      ) : (
        checked !== null && (
          <ReportView
            report={checked.report}
            connect={null}
            again={button("Check again", "sm")}
            {...(checked.of !== text && {
              remark: "The form has changed since. Check again for what it says now.",
            })}
          />
        )
      )}
    </section>
  );
}
