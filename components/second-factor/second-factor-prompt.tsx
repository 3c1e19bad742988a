"use client";

import { useEffect, useState } from "react";
import { SECOND_FACTOR_EVENT, type SecondFactorStep } from "#components/ui/second-factor-event.ts";

type Dialog =
  typeof import("#components/second-factor/second-factor-dialog.tsx").SecondFactorDialog;

/** Shows the way to a second factor when something was refused for want of one. */
export function SecondFactorPrompt() {
  const [step, setStep] = useState<SecondFactorStep | null>(null);
  const [loaded, setLoaded] = useState<{ Dialog: Dialog } | null>(null);
  useEffect(() => {
    const hear = (event: Event) => {
      setStep((event as CustomEvent<SecondFactorStep>).detail);
      void import("#components/second-factor/second-factor-dialog.tsx").then(
        ({ SecondFactorDialog }) => setLoaded({ Dialog: SecondFactorDialog }),
      );
    };
    window.addEventListener(SECOND_FACTOR_EVENT, hear);
    return () => window.removeEventListener(SECOND_FACTOR_EVENT, hear);
  }, []);
  if (loaded === null || step === null) return null;
  return <loaded.Dialog step={step} onClose={() => setStep(null)} />;
}
