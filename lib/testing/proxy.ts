import { createAgentApi } from "#lib/agent-api/app.ts";
import type { StudioDeps } from "#lib/deps.ts";
import { listenWith } from "#lib/testing/http.ts";

/**
 * The agents' surface of a test's studio at an origin that is its own public one too, so that what it
 * tells clients leads back to it.
 */
export async function listenAtOwnOrigin(deps: StudioDeps): Promise<string> {
  let handle: ReturnType<typeof createAgentApi> | undefined;
  const { server, origin } = await listenWith((req, res) => handle?.(req, res));
  server.on("checkContinue", (req, res) => server.emit("request", req, res)); // as server.ts does
  handle = createAgentApi({ ...deps, studioUrl: origin });
  return origin;
}
