import type { Logger } from "#lib/core/log.ts";

type Written = Pick<Console, "error" | "warn">;

/**
 * Sends what libraries print to the console through the log, so that the last filter sees it too: a
 * page's uncaught error would else stand on standard error with whatever its message holds (LOG-1, LOG-2).
 * Texts become the event, the first error goes with it; other objects are left out.
 */
export function consoleToLog(log: Logger, target: Written = console): void {
  const through =
    (level: "error" | "warn") =>
    (...parts: unknown[]) => {
      const error = parts.find((part) => part instanceof Error);
      const words = parts.filter((part) => typeof part === "string").join(" ");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal
      const event = words.replace(/\u001b\[\d+m/g, "").trim();
      log[level](event === "" ? "console" : event, error === undefined ? {} : { error });
    };
  target.error = through("error");
  target.warn = through("warn");
}
