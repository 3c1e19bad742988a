import type { Server, ServerResponse } from "node:http";
import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** This instance ends; another one, or this one in a moment, takes the call. Nothing was done. */
class StoppingError extends StudioError {
  readonly code = "studio.stopping";
  readonly status = 503;
  readonly userMessage = "The studio is restarting. Send the call again.";
  readonly remedy: Remedy = { do: "retry", afterSeconds: 5 };
}

export type Shutdown = {
  /** From the signal on: readiness is off. */
  readonly isStopping: boolean;
  /** Aborted then: whoever only waits for something ends its wait with what there is. */
  readonly stopping: AbortSignal;
  /**
   * Notes an agent's call until its answer has ended.
   *
   * @throws {StoppingError} the studio stops: no new call of an agent begins, and its connection ends
   */
  admit(res: ServerResponse): void;
  /** Ends what is under way, in order; the same promise however often it is asked for. */
  stop(): Promise<void>;
};

export type ShutdownSteps = {
  server: Server;
  /** Everything together ends within this; what is left is cut off. */
  graceMs: number;
  /** First of all: a refresh that the provider has answered is written, none begins any more. */
  endRefreshes(): Promise<void>;
  /** Takes no more work in the background and ends what is held. */
  endJobs(graceMs: number): Promise<void>;
  /** Writes what was collected: nobody collects any more. */
  flush(): Promise<void>;
  /** Something did not end by itself; the steps after it are still taken. */
  onTrouble(step: string, error: unknown): void;
};

/**
 * The end of a process (OPS-1): readiness goes off first, agents' new calls are turned away while the port
 * still answers, refreshes end before anything else, then calls and work under way, then what was collected
 * is written. The port answers until then, so that whoever balances the load learns of it. A step that hangs
 * or fails does not keep the next from its turn.
 */
export function createShutdown(steps: ShutdownSteps): Shutdown {
  const { server, graceMs } = steps;
  const calls = new Set<ServerResponse>();
  let whenIdle = () => {};
  let stopped: Promise<void> | null = null;
  const stopping = new AbortController();

  async function limited(step: string, work: Promise<unknown>, endsAt: AbortSignal): Promise<void> {
    const late = Promise.withResolvers<never>();
    const giveUp = () => late.reject(new Error("took too long"));
    endsAt.addEventListener("abort", giveUp, { once: true });
    if (endsAt.aborted) giveUp();
    try {
      await Promise.race([work, late.promise]);
    } catch (error) {
      steps.onTrouble(step, error);
    } finally {
      endsAt.removeEventListener("abort", giveUp);
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    const end = AbortSignal.timeout(graceMs);
    const jobsMs = Math.max(0, graceMs - lastAnswersMs);
    const jobs = limited("jobs", steps.endJobs(jobsMs), AbortSignal.timeout(jobsMs));
    await limited("refreshes", steps.endRefreshes(), end);
    const callsEnded = new Promise<void>((resolve) => {
      whenIdle = resolve;
      if (calls.size === 0) resolve();
    });
    await limited("calls", callsEnded, end);
    await jobs;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await limited("connections", closed, end);
    server.closeAllConnections();
    // Whatever was cut off above: what is collected is still written.
    await limited("writes", steps.flush(), AbortSignal.timeout(flushMs));
  }

  return {
    get isStopping() {
      return stopped !== null;
    },
    stopping: stopping.signal,
    admit(res) {
      if (stopped) {
        res.shouldKeepAlive = false;
        throw new StoppingError();
      }
      calls.add(res);
      res.once("close", () => {
        calls.delete(res);
        if (calls.size === 0) whenIdle();
      });
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Of the grace, for pages that are asked for while work in the background ends. */
const lastAnswersMs = 5_000;
const flushMs = 2_000;
