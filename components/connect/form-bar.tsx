import { ExternalLink } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { FieldError } from "#components/ui/field.tsx";

/** The end of the form: the one filled button, the way out, and what keeps it from going on. */
export function FormBar({
  label,
  isBusy,
  isDisabled = false,
  opensWindow,
  errorCount,
  rootError,
  cancelHref = "/integrations",
}: {
  label: string;
  isBusy: boolean;
  isDisabled?: boolean;
  opensWindow: boolean;
  errorCount: number;
  rootError: string | undefined;
  cancelHref?: string;
}) {
  return (
    <div className="mt-6 grid gap-3 border-line border-t pt-6">
      <div className="flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          tone="primary"
          isBusy={isBusy}
          busyLabel="Saving"
          disabled={isDisabled}
        >
          {label}
          {opensWindow && <ExternalLink aria-hidden strokeWidth={1.5} />}
        </Button>
        <Link href={cancelHref as Route} className={buttonClass({ tone: "quiet" })}>
          Cancel
        </Link>
        <div role="status" className="ml-auto">
          {errorCount > 0 && (
            <FieldError>
              {errorCount === 1 ? "One field to fix" : `${errorCount} fields to fix`}
            </FieldError>
          )}
        </div>
      </div>
      {rootError !== undefined && (
        <div role="alert">
          <FieldError>{rootError}</FieldError>
        </div>
      )}
    </div>
  );
}
