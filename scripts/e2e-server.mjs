// The production studio for the journeys: an empty data folder, the simulator with its controls, and
// everything it prints kept in .cache/e2e/studio.log (the one-time code of the set-up is in there).

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { root } from "./step.mjs";

const folder = path.join(root, ".cache/e2e");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const child = spawn(process.execPath, [path.join(root, "scripts/run.mjs"), "start"], {
  cwd: root,
  env: { ...process.env, STUDIO_DATA_DIR: path.join(folder, "data"), DEMO_CONTROL: "on" },
  stdio: ["ignore", "pipe", "pipe", "ipc"],
});
const log = createWriteStream(path.join(folder, "studio.log"));
for (const stream of [child.stdout, child.stderr]) {
  stream.pipe(log, { end: false });
  stream.pipe(process.stdout, { end: false });
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.once("exit", (code) => process.exit(code ?? 1));
