export type SecondFactorStep = "set-up" | "confirm";

export const SECOND_FACTOR_EVENT = "studio-second-factor";

/** A call was refused for want of a second factor: the frame shows the way to it. */
export function askForSecondFactor(step: SecondFactorStep): void {
  window.dispatchEvent(new CustomEvent<SecondFactorStep>(SECOND_FACTOR_EVENT, { detail: step }));
}
