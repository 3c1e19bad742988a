import type { IncomingMessage, ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";
import { type FaultScope, type Faults, faultNames, findFault } from "#lib/simulator/kit/faults.ts";
import type { RequestLog } from "#lib/simulator/kit/request-log.ts";
import type { SimulatorClock } from "#lib/simulator/kit/types.ts";

export type ControlDeps = {
  faults: Faults;
  log: RequestLog;
  clock: SimulatorClock;
  /** Registers a copy of an app of Salesforce that answers in a few minutes only, as a new one does. */
  freshApp(likeClientId: string): { clientId: string; availableInSeconds: number };
  /** Signs the demo tenant's person in so many times. @returns the refresh tokens */
  signInMany(username: string, count: number): string[];
  /** Back to the state of the start: no faults, no log, no grants. */
  reset(): void;
};

type Asked = {
  fault?: string;
  value?: unknown;
  scope?: FaultScope;
  times?: number;
  advanceSeconds?: number;
  like?: string;
  username?: string;
  count?: number;
};

const maxSignIns = 100_000;

const logAsJson = (log: RequestLog) =>
  log.all().map(({ body, ...request }) => ({ ...request, body: body.toString("base64") }));

/**
 * The interface by which a test in another process steers the simulator, below `/__control/`. It is
 * not made at all outside tests, and its paths are then unknown like any other.
 *
 * `GET faults`, `POST faults {fault,value,scope?,times?}`, `DELETE faults[/ID]`,
 * `POST faults/ID/release`, `POST fresh-apps {like}`, `POST sign-ins {username,count}`,
 * `POST clock {advanceSeconds}`, `GET log`, `DELETE log`, `POST reset`.
 */
export function createControl(deps: ControlDeps) {
  const { faults, log, clock } = deps;

  function act(method: string, path: string, asked: Asked): [number, unknown] {
    const [room, id, verb] = path.split("/");
    if (room === "faults" && id && verb === "release" && method === "POST") {
      faults.release(id);
      return [200, {}];
    }
    const route = `${method} ${room}`;
    if (route === "GET faults") return [200, { names: faultNames(), set: faults.list() }];
    if (route === "DELETE faults") {
      faults.clear(id);
      return [200, {}];
    }
    if (route === "POST faults" && !id) {
      const fault = findFault(String(asked.fault));
      if (!fault) return [400, { error: "there is no such fault", names: faultNames() }];
      const limits = asked.times === undefined ? {} : { times: asked.times };
      return [
        201,
        { id: faults.set(fault, asked.value ?? true, { ...asked.scope, ...limits }).id },
      ];
    }
    if (route === "POST clock") {
      if (!Number.isFinite(asked.advanceSeconds))
        return [400, { error: "advanceSeconds is a number" }];
      clock.advanceSeconds(Number(asked.advanceSeconds));
      return [200, { nowMs: clock.nowMs() }];
    }
    if (route === "POST fresh-apps") return [201, deps.freshApp(String(asked.like))];
    if (route === "POST sign-ins") {
      const count = Number(asked.count);
      if (!Number.isInteger(count) || count < 1 || count > maxSignIns) {
        return [400, { error: `count is a number up to ${maxSignIns}` }];
      }
      return [201, { refreshTokens: deps.signInMany(String(asked.username), count) }];
    }
    if (route === "GET log") return [200, logAsJson(log)];
    if (route === "DELETE log") {
      log.clear();
      return [200, {}];
    }
    if (route === "POST reset") {
      deps.reset();
      return [200, {}];
    }
    return [404, { error: "unknown control" }];
  }

  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<boolean> => {
    const match = /^\/__control\/([^?]*)/.exec(incoming.url ?? "");
    if (!match) return false;
    const body = await readText(incoming);
    let answer: [number, unknown] = [400, { error: "the body is JSON" }];
    try {
      answer = act(
        incoming.method ?? "GET",
        match[1] as string,
        body ? (JSON.parse(body) as Asked) : {},
      );
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    outgoing.writeHead(answer[0], { "content-type": "application/json" });
    outgoing.end(JSON.stringify(answer[1]));
    return true;
  };
}
