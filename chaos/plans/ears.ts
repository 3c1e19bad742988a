import http from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { liveChangesSchema } from "#lib/live/schema.ts";
import type { Instance } from "../instance.ts";
import type { World } from "../world.ts";
import type { Ear } from "./history.ts";

/** A page that is always open: it listens to one instance, and again whenever its stream ends. */
export type Listener = { readonly ears: Ear[]; stop(): Promise<void> };

const retryMs = 250;

export function listenTo(world: World, instance: Instance): Listener {
  const stopping = new AbortController();
  const ears: Ear[] = [];

  const once = () =>
    new Promise<void>((resolve) => {
      const sent = http.request({
        ...{ host: "127.0.0.1", port: instance.port, path: "/api/live" },
        ...{ headers: world.person.headers(), signal: stopping.signal, agent: false },
      });
      sent.once("error", () => resolve());
      sent.once("response", (incoming) => {
        const heard: { atMs: number; planId: string | "all" }[] = [];
        let fromMs: number | null = null;
        let rest = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (text: string) => {
          rest += text;
          const blocks = rest.split("\n\n");
          rest = blocks.pop() ?? "";
          for (const block of blocks) {
            if (/^event: ready$/m.test(block)) fromMs = Date.now();
            const data = /^event: change\ndata: (.*)$/m.exec(block)?.[1];
            if (data === undefined) continue;
            const changes = liveChangesSchema.parse(JSON.parse(data));
            const ids =
              changes === "all"
                ? ["all"]
                : changes.filter(({ kind }) => kind === "plan").map(({ id }) => id);
            for (const planId of ids) heard.push({ atMs: Date.now(), planId });
          }
        });
        incoming.once("error", () => {});
        incoming.once("close", () => {
          if (fromMs !== null)
            ears.push({ instance: instance.name, fromMs, toMs: Date.now(), heard });
          resolve();
        });
      });
      sent.end();
    });

  const listening = (async () => {
    while (!stopping.signal.aborted) {
      await once();
      await wait(retryMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    ears,
    async stop() {
      stopping.abort();
      await listening;
    },
  };
}
