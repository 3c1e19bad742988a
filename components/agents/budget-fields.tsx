"use client";

import { useState } from "react";
import { type Budget, budgetPresets } from "#components/agents/agent-words.ts";
import { ChoiceGroup, RadioCard } from "#components/ui/choice-cards.tsx";
import { Field, Input } from "#components/ui/field.tsx";
import { BUDGET_MOST } from "#lib/agents/terms.ts";

const choices = ["everyday", "small", "none"] as const;
type Choice = (typeof choices)[number] | "own";

const fields = [
  ["callsPerDay", "Calls a day"],
  ["rowsPerDay", "Rows read a day"],
  ["sendsPerDay", "People written to a day"],
] as const;

const isSame = (one: Budget, other: Budget) => fields.every(([name]) => one[name] === other[name]);

/** What it may use up in a day: one of three, or one's own figures. */
export function BudgetFields({
  value,
  onChange,
}: {
  value: Budget;
  onChange: (budget: Budget) => void;
}) {
  const [choice, setChoice] = useState<Choice>(
    () => choices.find((each) => isSame(budgetPresets[each].budget, value)) ?? "own",
  );
  return (
    <div className="grid gap-3">
      <ChoiceGroup legend="Budget of a day" hint="counted from midnight UTC">
        {choices.map((each) => (
          <RadioCard
            key={each}
            name="budget"
            value={each}
            checked={choice === each}
            onChange={() => {
              setChoice(each);
              onChange(budgetPresets[each].budget);
            }}
            title={budgetPresets[each].name}
            description={budgetPresets[each].words}
          />
        ))}
        <RadioCard
          name="budget"
          value="own"
          checked={choice === "own"}
          onChange={() => setChoice("own")}
          title="Your own figures"
          description="Each of its own; an empty one has no limit."
        />
      </ChoiceGroup>
      {choice === "own" && (
        <div className="grid gap-3 md:grid-cols-3">
          {fields.map(([name, label]) => (
            <Field key={name} label={label}>
              <Input
                type="number"
                inputMode="numeric"
                min={0}
                max={BUDGET_MOST}
                step={1}
                placeholder="No limit"
                value={value[name] ?? ""}
                onChange={({ target }) =>
                  onChange({
                    ...value,
                    [name]: target.value === "" ? null : Math.trunc(Number(target.value)),
                  })
                }
              />
            </Field>
          ))}
        </div>
      )}
    </div>
  );
}
