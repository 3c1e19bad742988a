"use client";

import { Fragment } from "react";
import { keyGroups } from "#components/shell/keys.ts";
import { useSingleKeys } from "#components/shell/single-keys.ts";
import { Dialog } from "#components/ui/dialog.tsx";
import { Kbd } from "#components/ui/kbd.tsx";

/** Every key, as `?` shows them. */
export function KeySheet({
  isOpen,
  onOpenChange,
}: {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}) {
  const areOn = useSingleKeys();
  return (
    <Dialog
      title="Keyboard shortcuts"
      {...(!areOn && {
        description: "Single keys are off on this browser; Settings turns them on.",
      })}
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      className="max-w-[34rem]"
    >
      <div className="grid gap-5 sm:grid-cols-2">
        {keyGroups.map(({ title, keys }) => (
          <div key={title}>
            <h3 className="mb-1.5 text-ink-3 text-xs">{title}</h3>
            <dl className="grid gap-1.5">
              {keys.map(({ press, does }) => (
                <div key={does} className="flex items-baseline justify-between gap-3">
                  <dt className="text-ink-2">{does}</dt>
                  <dd className="flex shrink-0 items-baseline gap-1 text-ink-3 text-xs">
                    {press.map((keys, index) => (
                      <Fragment key={keys}>
                        {index > 0 && "or"}
                        {keys.split(" ").map((key) => (
                          <Kbd key={key}>{key}</Kbd>
                        ))}
                      </Fragment>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </Dialog>
  );
}
