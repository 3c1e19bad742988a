// Loaded before everything in the processes that `scripts/` starts.
import { registerHooks } from "node:module";

// `server-only` throws outside of a React server bundle; plain Node never runs in a browser.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "server-only"
      ? { url: "data:text/javascript,", shortCircuit: true }
      : next(specifier, context),
});

// The parent holds this channel: when it is gone, however it ended, so are we.
if (process.channel) {
  process.channel.unref();
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
}
