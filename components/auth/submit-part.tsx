import { spanWords } from "#components/auth/use-wait.ts";
import { Button } from "#components/ui/button.tsx";
import { FieldError } from "#components/ui/field.tsx";

/** The end of a form that a stranger may send: what went wrong, how long to wait, and the button. */
export function SubmitPart({
  problem,
  waitSeconds,
  isBusy,
  label,
  busyLabel,
}: {
  problem: string | undefined;
  /** 0: may be sent. */
  waitSeconds: number;
  isBusy: boolean;
  label: string;
  busyLabel: string;
}) {
  return (
    <>
      <div role="alert">{problem !== undefined && <FieldError>{problem}</FieldError>}</div>
      {waitSeconds > 0 && (
        <p className="nums text-ink-2 text-xs" role="timer">
          Try again in {spanWords(waitSeconds)}.
        </p>
      )}
      <Button
        type="submit"
        tone="primary"
        isBusy={isBusy}
        busyLabel={busyLabel}
        disabled={waitSeconds > 0}
      >
        {label}
      </Button>
    </>
  );
}
