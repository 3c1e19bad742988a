"use client";

import { useQueryClient } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { ConnectionPicker, type Picked } from "#components/agents/connection-picker.tsx";
import { answerRequest } from "#components/agents/request-queries.ts";
import { askedWords } from "#components/agents/request-words.ts";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { DialogActions } from "#components/ui/dialog-actions.tsx";
import { Note } from "#components/ui/panel.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import { sayDone } from "#components/ui/toast.ts";
import type { ConnectionRequestJson } from "#lib/connection-requests/schema.ts";

/** Picks the connection that the agent gets, or leads to making one. */
export function AnswerRequest({
  request,
  isOpenAtFirst,
  suggested,
  hasPassword,
  isOnly,
}: {
  request: ConnectionRequestJson;
  isOpenAtFirst: boolean;
  suggested: Picked | null;
  hasPassword: boolean;
  /** Nothing else waits: this is what there is to do. */
  isOnly: boolean;
}) {
  const queries = useQueryClient();
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  const [isOpen, setIsOpen] = useState(isOpenAtFirst);
  const [picked, setPicked] = useState<Picked[]>(suggested === null ? [] : [suggested]);
  const [chosen] = picked;
  const give = (connectionId: string) =>
    run("give", async () => {
      const { agent, connection } = await answerRequest(request.id, { connectionId });
      setIsOpen(false);
      sayDone(
        connection?.state === "active"
          ? `${agent.name} goes on with ${connection.name}`
          : `${agent.name} has it. Connect, and it goes on`,
      );
      await queries.invalidateQueries({ queryKey: ["requests"] });
    });
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      title={askedWords(request)}
      className="max-w-[36rem]"
      trigger={
        <Button tone={isOnly ? "primary" : "act"}>
          Choose a connection<span className="sr-only"> for {request.agent.name}</span>
        </Button>
      }
    >
      <form
        aria-label={askedWords(request)}
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen !== undefined) void give(chosen.connectionId);
        }}
      >
        {request.reason !== "" && (
          <blockquote className="border-line-strong border-l-2 pl-3 text-ink-2 [overflow-wrap:anywhere]">
            <PlainText text={request.reason} />
          </blockquote>
        )}
        <ConnectionPicker
          isSingle
          provider={request.provider}
          value={picked}
          onChange={setPicked}
        />
        <p className="text-ink-2">
          Not there yet?{" "}
          <Link
            href={newConnectionPath(request) as Route}
            className={buttonClass({ size: "sm", tone: "quiet" })}
          >
            Connect a new one
          </Link>
        </p>
        <Note>
          {request.agent.name} keeps the connection: it uses it as you, in its own mode, until you
          take it away on the agent's page.
        </Note>
        <DialogActions problem={problem} isBusy={busy !== null} busyLabel="Giving">
          {chosen === undefined ? "Give the connection" : `Give ${chosen.name}`}
        </DialogActions>
      </form>
      {dialog}
    </Dialog>
  );
}

const newConnectionPath = ({ id, provider }: ConnectionRequestJson) =>
  `/integrations/new?request=${id}${provider === null ? "" : `&provider=${provider}`}`;
