/** Codes of our own that are no reason of the decoder. */
const words: Readonly<Record<string, { title: string; cause: string }>> = {
  "grants.provider_unavailable": {
    title: "No new token just now",
    cause: "The provider gave none. Nothing is lost, and the next use tries again.",
  },
  "grants.refresh_busy": {
    title: "A new token was on its way",
    cause: "It took longer than anybody waits for; the next use found it.",
  },
};

/** @returns words for a code of tomorrow too */
export const codeWords = (code: string): { title: string; cause: string } =>
  words[code] ?? {
    title: "Something went wrong in the studio",
    cause: "The log of the studio says more to whoever operates it.",
  };
