import { createAgentApi } from "#lib/agent-api/app.ts";
import type { StudioDeps } from "#lib/deps.ts";
import { callAt, type HttpAnswer, type HttpCall, listenWith } from "#lib/testing/http.ts";

export type AgentApiAnswer = HttpAnswer;

/** The agents' surface of a test's studio, listening; gives what calls it over HTTP. */
export async function listenForAgents(
  deps: StudioDeps,
): Promise<{ origin: string; call(path: string, options?: HttpCall): Promise<AgentApiAnswer> }> {
  const { port, origin } = await listenWith(createAgentApi(deps));
  return { origin, call: (path, options) => callAt(port, path, options) };
}
