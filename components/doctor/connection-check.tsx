"use client";

import dynamic from "next/dynamic";
import { useEffect, useRef, useState } from "react";
import { ConnectButton } from "#components/connections/connect-button.tsx";
import { checkConnection } from "#components/doctor/queries.ts";
import { ReportSkeleton } from "#components/doctor/report-skeleton.tsx";
import { Button } from "#components/ui/button.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { useCall } from "#components/ui/use-call.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import type { DoctorReport } from "#lib/doctor/schema.ts";

const ReportView = dynamic(
  () => import("#components/doctor/report-view.tsx").then((module) => module.ReportView),
  { loading: ReportSkeleton },
);

type Props = { connection: Pick<ConnectionJson, "id" | "name" | "surfaces"> };

/** The check of one connection: runs when the page opens, and once more at a press. */
export function ConnectionCheck({ connection }: Props) {
  const call = useCall();
  const [report, setReport] = useState<DoctorReport | null>(null);
  const run = () => call.run(async () => setReport(await checkConnection(connection.id)));
  const hasBegun = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens
  useEffect(() => {
    if (hasBegun.current) return;
    hasBegun.current = true;
    void run();
  }, []);
  const isWaiting = call.isBusy || (report === null && call.error === null);
  const again = (
    <Button size="sm" isBusy={call.isBusy} busyLabel="Checking" onClick={run}>
      Run again
    </Button>
  );
  return (
    <>
      <div role="alert">
        {call.error !== null && (
          <div className="mb-3 grid justify-items-start gap-2">
            <FieldError>{call.error}</FieldError>
            {report === null && again}
          </div>
        )}
      </div>
      {isWaiting ? (
        <ReportSkeleton />
      ) : (
        report !== null && (
          <ReportView
            report={report}
            connect={(label) => <ConnectButton connection={connection} label={label} tone="act" />}
            again={again}
          />
        )
      )}
    </>
  );
}
