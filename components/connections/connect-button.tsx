"use client";

import { useEffect } from "react";
import { useBeginFlow } from "#components/connect/begin-flow.ts";
import { Button, type ButtonProps } from "#components/ui/button.tsx";
import { sayProblem } from "#components/ui/toast.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";

/** Begins the sign-in for a connection: Connect, Reconnect, Add scopes. */
export function ConnectButton({
  connection,
  label,
  tone = "plain",
  size = "sm",
}: {
  connection: Pick<ConnectionJson, "id" | "name" | "surfaces">;
  /** The verb: "Reconnect". */
  label: string;
  tone?: ButtonProps["tone"];
  size?: ButtonProps["size"];
}) {
  const { begin, isBusy, error } = useBeginFlow();
  useEffect(() => {
    if (error !== null) sayProblem(`${connection.name}: ${error}`);
  }, [error, connection.name]);
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
          surface: connection.surfaces.includes("web") ? "web" : "desktop",
        })
      }
    >
      {label}
    </Button>
  );
}
