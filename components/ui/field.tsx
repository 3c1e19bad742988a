import { TriangleAlert } from "lucide-react";
import { type ComponentProps, cloneElement, type ReactElement, type ReactNode, useId } from "react";
import { cn } from "#components/ui/cn.ts";

type ControlProps = {
  id?: string;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: boolean | undefined;
  "aria-required"?: boolean | undefined;
};

/**
 * A label, one control and the words about it. The control gets its id, `aria-describedby` (help
 * and error) and `aria-invalid` from here, so they cannot be forgotten.
 *
 * @param props.hint - short words at the right end of the label line, for example "Optional"
 * @param props.error - what is wrong and what to do; may hold a button that does it
 */
export function Field({
  label,
  hint,
  help,
  error,
  isRequired = false,
  className,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  help?: ReactNode;
  error?: ReactNode;
  isRequired?: boolean;
  className?: string;
  children: ReactElement<ControlProps>;
}) {
  const made = useId();
  const id = children.props.id ?? made;
  const helpId = `${id}-help`;
  const errorId = `${id}-error`;
  const hasError = error !== undefined && error !== null && error !== false && error !== "";
  const describedBy =
    [children.props["aria-describedby"], hasError && errorId, help !== undefined && helpId]
      .filter(Boolean)
      .join(" ") || undefined;
  return (
    <div className={cn("grid min-w-0 content-start gap-1.5", className)}>
      <div className="flex items-baseline gap-2">
        <label htmlFor={id} className="font-label text-sm">
          {label}
        </label>
        {hint !== undefined && <span className="ml-auto text-ink-3 text-xs">{hint}</span>}
      </div>
      {cloneElement(children, {
        id,
        "aria-describedby": describedBy,
        "aria-invalid": hasError || undefined,
        "aria-required": isRequired || undefined,
      })}
      {hasError && <FieldError id={errorId}>{error}</FieldError>}
      {help !== undefined && (
        <Help id={helpId} className={hasError ? "mt-0.5" : undefined}>
          {help}
        </Help>
      )}
    </div>
  );
}

/** The words under a control that needs fixing; also for a whole form. */
export function FieldError({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <p id={id} className="flex gap-1.5 text-danger-ink text-xs leading-[1.125rem]">
      <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" strokeWidth={1.5} />
      <span className="min-w-0 [overflow-wrap:anywhere]">{children}</span>
    </p>
  );
}

/** Small print that explains. */
export function Help({ className, ...rest }: ComponentProps<"p">) {
  return <p {...rest} className={cn("text-pretty text-ink-3 text-xs", className)} />;
}

const controlClass =
  "w-full min-w-0 rounded-2 border border-line-control bg-raised px-2.5 text-sm text-ink transition-colors duration-hover hover:border-ink-3 disabled:cursor-not-allowed disabled:border-line disabled:bg-chip disabled:text-ink-3 aria-invalid:border-danger-solid aria-invalid:shadow-[0_0_0_3px_var(--danger-tint)] pointer-coarse:text-lg";

/** @param props.isMono - for ids, hosts and addresses */
export function Input({
  isMono = false,
  className,
  ...rest
}: ComponentProps<"input"> & { isMono?: boolean }) {
  return (
    <input
      {...rest}
      {...(isMono && { spellCheck: false, autoCapitalize: "off", autoCorrect: "off" })}
      className={cn(
        controlClass,
        "h-9 pointer-coarse:h-control",
        isMono && "mono text-sm pointer-coarse:text-lg",
        className,
      )}
    />
  );
}
