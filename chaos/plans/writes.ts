import type { LoggedRequest } from "#lib/simulator/kit/request-log.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import type { Companion } from "#lib/simulator/kit/wire.ts";
import { markIn, type Write } from "./history.ts";

/** What becomes of one write at the provider. */
export type WriteTrouble =
  | { kind: "hold"; stage: "before-work" | "after-work" }
  | { kind: "cut"; stage: "before-work" | "after-work" | "mid-body" }
  | { kind: "slow"; ms: number }
  /** In the place of any work. */
  | { kind: "answer"; status: number; body: string; contentType: string };

export type SetWriteTrouble = {
  /** A write has come to it. */
  readonly reached: Promise<Write>;
  /** Lets a held write go on; `drop` before the work: the provider never sees it. */
  release(how?: "go" | "drop"): void;
  /** It is not waited for any more. */
  forget(): void;
};

/** What steps of plans sent to the providers, and what became of it there. */
export type Writes = {
  readonly all: Write[];
  /** Sets a trouble for the next write that nobody has set one for. */
  trouble(trouble: WriteTrouble): SetWriteTrouble;
  /** Takes back every trouble that nobody has met, and lets go what is held. */
  calm(): void;
  /** @returns undefined where the request is no write of a plan's step */
  accompany(request: LoggedRequest, instance: string): Companion | undefined;
};

/** Where the run's operations write: everything else that holds a mark only looks for it. */
const writePath = /^\/services\/data\/v[\d.]+\/sobjects\/|^\/hub\/v1\/dataevents\/[^/]+\/rowset$/;

type Waiting = {
  trouble: WriteTrouble;
  reach(write: Write): void;
  released: Promise<"go" | "drop">;
  release(how: "go" | "drop"): void;
};

export function watchWrites(): Writes {
  const all: Write[] = [];
  const waiting: Waiting[] = [];
  const held = new Set<Waiting>();

  function companion(write: Write, met: Waiting | undefined): Companion {
    const trouble = met?.trouble;
    let isCut = false;
    const cutOff = () => {
      isCut = true;
      return "cut" as const;
    };
    return {
      async beforeWork() {
        if (!met || !trouble || trouble.kind === "slow") return undefined;
        const isFirst = trouble.kind === "answer" || trouble.stage === "before-work";
        if (!isFirst) return undefined;
        met.reach(write);
        if (trouble.kind === "cut") return cutOff();
        if (trouble.kind === "hold") return (await met.released) === "drop" ? cutOff() : undefined;
        const { status, body, contentType } = trouble;
        write.status = status;
        return { status, body, headers: { "content-type": contentType } };
      },
      async afterWork(answer): Promise<SimulatorResponse> {
        write.status = answer.status;
        if (!met || !trouble || trouble.kind === "answer") return answer;
        if (trouble.kind === "slow") {
          met.reach(write);
          return { ...answer, connection: { delayMs: trouble.ms } };
        }
        if (trouble.stage === "before-work") return answer;
        met.reach(write);
        if (trouble.kind === "hold") {
          await met.released;
          return answer;
        }
        isCut = true;
        // An answer without a body has no middle.
        const isMidBody = trouble.stage === "mid-body" && answer.status !== 204;
        const cut = isMidBody ? "mid-body" : "before-answer";
        return { ...answer, connection: { cut } };
      },
      ended(isWhole) {
        write.endedAtMs = Date.now();
        if (isCut) write.answer = "cut";
        else if (isWhole) write.answer = "whole";
        if (met) held.delete(met);
      },
    };
  }

  return {
    all,
    trouble(trouble) {
      const reached = Promise.withResolvers<Write>();
      const released = Promise.withResolvers<"go" | "drop">();
      const one: Waiting = {
        trouble,
        reach: reached.resolve,
        released: released.promise,
        release: released.resolve,
      };
      waiting.push(one);
      return {
        reached: reached.promise,
        release: (how = "go") => released.resolve(how),
        forget() {
          const at = waiting.indexOf(one);
          if (at >= 0) waiting.splice(at, 1);
          released.resolve("go");
        },
      };
    },
    calm() {
      waiting.splice(0);
      for (const one of held) one.release("go");
    },
    accompany(request, instance) {
      if (!writePath.test(request.path)) return undefined;
      const body = request.body.toString("utf8");
      const mark = markIn(body);
      if (mark === undefined) return undefined;
      const write: Write = {
        mark,
        method: request.method,
        path: request.path,
        body,
        instance,
        atMs: Date.now(),
        endedAtMs: null,
        status: null,
        answer: "unknown",
      };
      all.push(write);
      const met = waiting.shift();
      if (met) held.add(met);
      return companion(write, met);
    },
  };
}
