export type Saying = { tone: "done" | "problem"; words: string };

export const TOAST_EVENT = "studio-toast";

const say = (saying: Saying) =>
  window.dispatchEvent(new CustomEvent<Saying>(TOAST_EVENT, { detail: saying }));

/** News that needs no answer: saved, renamed, deleted. */
export function sayDone(words: string): void {
  say({ tone: "done", words });
}

/** Something did not happen, and the person knows what they pressed. */
export function sayProblem(words: string): void {
  say({ tone: "problem", words });
}
