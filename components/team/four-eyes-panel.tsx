"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { setFourEyes } from "#components/team/calls.ts";
import { Button } from "#components/ui/button.tsx";
import { CheckboxLine } from "#components/ui/checkbox.tsx";
import { FieldError, Help } from "#components/ui/field.tsx";
import { sayDone } from "#components/ui/toast.ts";
import { useCall } from "#components/ui/use-call.ts";
import { BULK_RECORDS, type Risk, risks } from "#lib/plans/plan-states.ts";

const words: Readonly<Record<Risk, { label: string; help: string }>> = {
  production: {
    label: "Production",
    help: "Any change to a production org, or to a business unit that is not the demo.",
  },
  destructive: { label: "Deleting", help: "Records, rows, journeys: whatever is removed." },
  bulk: {
    label: "Many records or people",
    help: `${BULK_RECORDS} records or more in one plan, or mail to as many people, or to nobody knows how many.`,
  },
  code: {
    label: "What runs by itself",
    help: "Automations, journeys that start, code, and calls that the studio does not know.",
  },
  send: { label: "Sends", help: "Whatever reaches people outside." },
};

/** Which plans want a second person; only an owner of the team changes it. */
export function FourEyesPanel({
  kinds: before,
  canChange,
}: {
  kinds: readonly Risk[];
  canChange: boolean;
}) {
  const router = useRouter();
  const call = useCall();
  const [kinds, setKinds] = useState<readonly Risk[]>(before);
  const isChanged = risks.some((risk) => kinds.includes(risk) !== before.includes(risk));
  const choose = (risk: Risk, isChosen: boolean) =>
    setKinds(risks.filter((each) => (each === risk ? isChosen : kinds.includes(each))));
  return (
    <form
      className="grid gap-3"
      aria-label="Plans that want two people"
      onSubmit={(event) => {
        event.preventDefault();
        void call.run(async () => {
          await setFourEyes(kinds);
          sayDone("Saved. It holds for every plan that was not applied yet.");
          router.refresh();
        });
      }}
    >
      <Help>
        A plan of a kind that is ticked waits for two: the person whose sign-ins it uses, and an
        admin or owner who neither proposed it nor owns them.{" "}
        {!canChange && "Only an owner of the team changes this."}
      </Help>
      <fieldset className="grid gap-2.5" disabled={!canChange}>
        <legend className="sr-only">Kinds of plan</legend>
        {risks.map((risk) => (
          <CheckboxLine
            key={risk}
            name={risk}
            checked={kinds.includes(risk)}
            onChange={(event) => choose(risk, event.target.checked)}
            {...words[risk]}
          />
        ))}
      </fieldset>
      {call.error !== null && (
        <div role="alert">
          <FieldError>{call.error}</FieldError>
        </div>
      )}
      {canChange && (
        <div>
          <Button type="submit" disabled={!isChanged} isBusy={call.isBusy} busyLabel="Saving">
            Save
          </Button>
        </div>
      )}
    </form>
  );
}
