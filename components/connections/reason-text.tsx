import dynamic from "next/dynamic";

/** `DecodedReason`, loaded where there is a reason to tell. */
export const ReasonText = dynamic(
  async () => (await import("#components/connections/decoded-reason.tsx")).DecodedReason,
);
