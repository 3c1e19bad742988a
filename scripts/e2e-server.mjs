// The production studio for the journeys: an empty data folder, the simulator with its controls, and
// everything it prints kept in .cache/e2e/studio.log (the one-time code of the set-up is in there).
// The providers' true host names lead to the simulator too, over TLS by an authority of this run.

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { makeCertificates } from "../lib/simulator/kit/tls.ts";
import { trueNames } from "../lib/simulator/simulator.ts";
import { root } from "./step.mjs";

const folder = path.join(root, ".cache/e2e");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const tlsPort = process.env.SIMULATOR_TLS_PORT;
const certificates = await makeCertificates(trueNames);
const tlsFile = path.join(folder, "tls.json");
const caFile = path.join(folder, "ca.pem");
writeFileSync(tlsFile, JSON.stringify(certificates), { mode: 0o600 });
writeFileSync(caFile, certificates.caPem);

const child = spawn(process.execPath, [path.join(root, "scripts/run.mjs"), "start"], {
  cwd: root,
  env: {
    ...process.env,
    STUDIO_DATA_DIR: path.join(folder, "data"),
    DEMO_CONTROL: "on",
    SIMULATOR_TLS_FILE: tlsFile,
    NODE_EXTRA_CA_CERTS: caFile,
    EGRESS_CONNECT_MAP: trueNames.map((name) => `${name}=127.0.0.1:${tlsPort}`).join(","),
  },
  stdio: ["ignore", "pipe", "pipe", "ipc"],
});
const log = createWriteStream(path.join(folder, "studio.log"));
for (const stream of [child.stdout, child.stderr]) {
  stream.pipe(log, { end: false });
  stream.pipe(process.stdout, { end: false });
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.once("exit", (code) => process.exit(code ?? 1));
