import path from "node:path";
import { startRedis } from "#scripts/redis.mjs";

/** The store that the instances share, to be killed, emptied and started again. */
export type SharedStore = {
  readonly url: string;
  readonly isUp: boolean;
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

export async function startSharedStore(folder: string): Promise<SharedStore> {
  const dir = path.join(folder, "shared-store");
  let server = await startRedis([], dir);
  let isUp = true;
  return {
    url: server.url,
    get isUp() {
      return isUp;
    },
    async kill() {
      isUp = false;
      process.kill(server.pid, "SIGKILL");
      await server.stop();
    },
    async start() {
      if (isUp) return;
      server = await startRedis([], dir);
      isUp = true;
    },
    close: () => server.stop(),
  };
}
