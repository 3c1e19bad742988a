import { setTimeout as after } from "node:timers/promises";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { type Caller, type RequestDeps, sendRequest } from "#lib/operations/send-request.ts";
import type { ProviderApi } from "#lib/providers/operation.ts";

/** What an operation reads with on this grant; see `ProviderApi`. */
export function openProviderApi(
  deps: RequestDeps,
  asker: Caller,
  grant: Grant,
  {
    signal,
    onProgress = () => {},
  }: { signal: AbortSignal; onProgress?: (done: number, total: number | null) => void },
): ProviderApi {
  return {
    provider: grant.connection.provider,
    signal,
    read: (request) => sendRequest(deps, asker, grant, request, { signal }),
    progress: onProgress,
    wait: (ms) => after(ms, undefined, { signal }),
  };
}
