import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import type { TestCertificates } from "#lib/simulator/kit/tls.ts";
import { startSimulator } from "#lib/simulator/simulator.ts";

/**
 * The demo's servers as a process of their own: `node lib/simulator/demo.ts`.
 *
 * `DEMO_PORT` (3100), `STUDIO_URL`, `DEMO_STATE_FILE`; for tests `SIMULATOR_CONTROL=1`,
 * `SIMULATOR_TLS_PORT`, `SIMULATOR_CA_FILE`, `SIMULATOR_TLS_FILE` (certificates made beforehand, JSON).
 */
const env = process.env;
const isOn = (value: string | undefined) => value === "1" || value === "on";
const tlsPort = env.SIMULATOR_TLS_PORT;

const simulator = await startSimulator({
  // Tokens must differ after a restart: the ones given out before are still good.
  seed: env.SIMULATOR_SEED ?? randomUUID(),
  studioUrl: env.STUDIO_URL ?? "http://localhost:3000",
  loopbackPort: Number(env.DEMO_PORT ?? 3100),
  tls: tlsPort !== undefined,
  control: isOn(env.SIMULATOR_CONTROL) || isOn(env.DEMO_CONTROL),
  ...(tlsPort === undefined ? {} : { tlsPort: Number(tlsPort) }),
  ...(env.SIMULATOR_TLS_FILE
    ? {
        certificates: JSON.parse(readFileSync(env.SIMULATOR_TLS_FILE, "utf8")) as TestCertificates,
      }
    : {}),
  ...(env.DEMO_STATE_FILE ? { stateFile: env.DEMO_STATE_FILE } : {}),
});
if (env.SIMULATOR_CA_FILE) writeFileSync(env.SIMULATOR_CA_FILE, simulator.caPem);
console.log(`Demo providers listen on ${simulator.loopbackUrl}`);

let isStopping = false;
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    simulator.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
