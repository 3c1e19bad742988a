"use client";

import type { Route } from "next";
import Link from "next/link";
import { useEffect } from "react";
import { useBeginFlow } from "#components/connect/begin-flow.ts";
import { Button, type ButtonProps, buttonClass } from "#components/ui/button.tsx";
import { sayProblem } from "#components/ui/toast.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import { problemPath } from "#lib/providers/reason-codes.ts";

/** Begins the sign-in for a connection: Connect, Reconnect, Add scopes. */
export function ConnectButton({
  connection,
  label,
  tone = "plain",
  size = "sm",
  returnTo,
}: {
  connection: Pick<ConnectionJson, "id" | "name" | "surfaces">;
  /** The verb: "Reconnect". */
  label: string;
  tone?: ButtonProps["tone"];
  size?: ButtonProps["size"];
  /** A path of ours, where to go after connecting. */
  returnTo?: string;
}) {
  const { begin, isBusy, error } = useBeginFlow();
  useEffect(() => {
    if (error !== null) sayProblem(`${connection.name}: ${error}`);
  }, [error, connection.name]);
  // A browser cannot end a sign-in that comes back to the person's own computer: say what can.
  if (!connection.surfaces.includes("web")) {
    return (
      <Link
        href={problemPath("cli_required", connection.id) as Route}
        className={buttonClass({ tone, size })}
        aria-label={`${label} ${connection.name}`}
      >
        {label}
      </Link>
    );
  }
  return (
    <Button
      tone={tone}
      size={size}
      data-connects
      isBusy={isBusy}
      aria-label={`${label} ${connection.name}`}
      onClick={() =>
        begin({
          connectionId: connection.id,
          surface: "web",
          ...(returnTo !== undefined && { returnTo }),
        })
      }
    >
      {label}
    </Button>
  );
}
