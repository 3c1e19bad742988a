import { simulatorClock } from "#lib/simulator/kit/clock.ts";
import { createFaults } from "#lib/simulator/kit/faults.ts";
import { listenOnLoopback, listenOnTls } from "#lib/simulator/kit/listen.ts";
import { seededRandom } from "#lib/simulator/kit/random.ts";
import { createRequestLog, type LoggedRequest } from "#lib/simulator/kit/request-log.ts";
import { makeCertificates } from "#lib/simulator/kit/tls.ts";
import { createMarketingCloud } from "./provider.ts";
import { hostOf, type Role } from "./world.ts";

/** This provider alone on loopback, for clients that nobody here wrote. */
export async function serveCloud(via: "loopback" | "tls") {
  const clock = simulatorClock();
  const faults = createFaults();
  const log = createRequestLog();
  let port = 0;
  const urlFor = (host: string) =>
    via === "tls" ? `https://${host}` : `http://localhost:${port}/${host}`;
  const context = { clock, faults, random: seededRandom("clients"), urlFor };
  const cloud = createMarketingCloud(context);
  const deps = { providers: () => [cloud], faults, log, clock };
  const names = cloud
    .tenants()
    .flatMap(({ subdomain }) =>
      (["auth", "rest", "soap"] as const).map((role) => hostOf(subdomain, role)),
    );
  const certificates = await makeCertificates(names);
  const server =
    via === "tls" ? await listenOnTls(deps, 0, certificates) : await listenOnLoopback(deps, 0);
  port = server.port;
  return {
    cloud,
    clock,
    faults,
    log,
    port,
    caPem: certificates.caPem,
    close: () => server.close(),
    base: (subdomain: string, role: Role) => urlFor(hostOf(subdomain, role)),
  };
}

/** The JSON bodies of the token calls so far. */
export const tokenBodies = (requests: readonly LoggedRequest[]): Record<string, unknown>[] =>
  requests.map(({ body }) => JSON.parse(body.toString("utf8")));
