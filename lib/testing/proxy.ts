import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";
import { createAgentApi } from "#lib/agent-api/app.ts";
import type { StudioDeps } from "#lib/deps.ts";

/**
 * The agents' surface of a test's studio at an origin that is its own public one too, so that what it
 * tells clients leads back to it.
 */
export async function listenAtOwnOrigin(deps: StudioDeps): Promise<string> {
  let handle: ReturnType<typeof createAgentApi> | undefined;
  const server = createServer((req, res) => handle?.(req, res));
  server.on("checkContinue", (req, res) => server.emit("request", req, res)); // as server.ts does
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  handle = createAgentApi({ ...deps, studioUrl: origin });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return origin;
}
