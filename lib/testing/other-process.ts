import { type ChildProcess, fork } from "node:child_process";
import { on, once } from "node:events";
import { onTestFinished } from "vitest";
import type { Principal } from "#lib/core/principal.ts";
import type { WantedGrant } from "#lib/grants/refresh-engine.ts";
import type { Looks } from "#lib/plans/execute-work.ts";

/** What a second process of a test's studio needs to be the same studio. */
export type OtherProcessSettings = {
  databaseUrl: string;
  /** base64, like the root of the other keys */
  vaultKey: string;
  rootKey: string;
  connectMap: string;
  caPem: string;
  demoUrl: string;
  spoolDir: string;
  now: string;
  /** Of the store that both share, where they share one. */
  redisUrl: string | null;
};

/** What it is told to do, once. */
export type OtherProcessTask =
  | { do: "disconnect"; principal: Principal; grantId: string }
  | { do: "attempt-due" }
  /** So many callers at once; says when it is about to call the provider, and tells the end. */
  | { do: "refresh"; grant: WantedGrant; callers: number; isHeldUp: boolean }
  /** Tries the key or lease token again and again, and tells each time the answer is another than before. */
  | { do: "authenticate"; key: string }
  /** The same with several; tells which are taken, and when it last began to try one that was. */
  | { do: "authenticate-each"; keys: readonly string[] }
  /** Finds the token, and tells when its memory holds it no more, or this process was paused. */
  | { do: "watch-token"; grantId: string; generation: number }
  /** Serves agents, tells its port, and ends as the studio does when it is asked to. */
  | { do: "serve" }
  /** Held up at its first write to that path, it says so and waits; tells how the plan is at the end. */
  | {
      do: "apply-plan";
      planId: string;
      looks: Looks;
      heldUp: { at: "sending" | "answered"; path: string } | null;
    }
  /** With the keys file of a data folder; after so many batches it says so and stands still. */
  | { do: "rotate-keys"; dataDir: string; stopAfter: number | null };

/** A second process, to be killed or waited for; ended with the test whatever happens. */
export function startOtherProcess(
  settings: OtherProcessSettings,
  task: OtherProcessTask,
): {
  kill(): Promise<void>;
  signal(name: "SIGSTOP" | "SIGCONT" | "SIGTERM"): void;
  /** Whatever it is held up at, it may go on. */
  letGoOn(): void;
  ended: Promise<number | null>;
  /** What it sends, as it comes. */
  told: AsyncIterableIterator<unknown[]>;
} {
  const file = new URL("./other-process-main.ts", import.meta.url);
  const preload = new URL("../../scripts/plain-node.mjs", import.meta.url).href;
  const child: ChildProcess = fork(file, { execArgv: ["--import", preload], stdio: "inherit" });
  const told = on(child, "message", { close: ["exit"] }) as AsyncIterableIterator<unknown[]>;
  const ended = once(child, "exit").then(([code]) => code as number | null);
  child.send({ settings, task });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    ended,
    told,
    signal: (name) => void child.kill(name),
    letGoOn: () => void child.send("go on"),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
