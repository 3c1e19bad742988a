/** Something to press. `again` begins a new flow of the same connection. */
export type NextAction =
  | { do: "link"; label: string; href: string }
  | { do: "visit"; label: string; href: string }
  | { do: "copy"; label: string; text: string }
  | { do: "again"; label: string }
  /** Counts from the moment the flow ended. */
  | { do: "wait"; label: string; fromSeconds: number; toSeconds: number };

export type NextStep = {
  title: string;
  text: string;
  /** Exact text to read or copy, in fixed width. */
  code?: string;
  actions: readonly NextAction[];
};

export type Explanation = {
  title: string;
  cause: string;
  steps: readonly [NextStep, ...NextStep[]];
  /** Another way, when the first is closed. */
  otherwise?: { title: string; text: string; actions: readonly NextAction[] };
};
