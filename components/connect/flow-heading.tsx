import type { ReactNode } from "react";

/** The one heading of a flow screen; takes focus when the screen changes under the reader. */
export function FlowHeading({ children }: { children: ReactNode }) {
  return (
    <h1 tabIndex={-1} className="[overflow-wrap:anywhere]">
      {children}
    </h1>
  );
}
