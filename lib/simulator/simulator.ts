import { simulatorClock } from "#lib/simulator/kit/clock.ts";
import { createControl } from "#lib/simulator/kit/control.ts";
import { createFaults, type Faults } from "#lib/simulator/kit/faults.ts";
import { listenOnLoopback, listenOnTls } from "#lib/simulator/kit/listen.ts";
import { seededRandom } from "#lib/simulator/kit/random.ts";
import {
  createRequestLog,
  type LoggedRequest,
  type RequestLog,
  type RequestPredicate,
} from "#lib/simulator/kit/request-log.ts";
import { keepState } from "#lib/simulator/kit/state-file.ts";
import { makeCertificates, type TestCertificates } from "#lib/simulator/kit/tls.ts";
import type { Provider, SimulatorClock, SimulatorContext } from "#lib/simulator/kit/types.ts";
import { type WalkTarget, walkPages } from "#lib/simulator/kit/walk.ts";
import type { WireDeps } from "#lib/simulator/kit/wire.ts";
import { demoMarketingCloud } from "#lib/simulator/marketing-cloud/demo.ts";
import {
  createMarketingCloud,
  type MarketingCloud,
} from "#lib/simulator/marketing-cloud/provider.ts";
import { parseHost } from "#lib/simulator/marketing-cloud/world.ts";
import { seededApps, seededPassword } from "#lib/simulator/salesforce/companies.ts";
import { createSalesforce, type Salesforce } from "#lib/simulator/salesforce/provider.ts";
import type { SalesforceSettings } from "#lib/simulator/salesforce/state.ts";
import type { World } from "#lib/simulator/salesforce/world.ts";

export type SimulatorOptions = {
  /** Tokens and codes follow from it; the companies are always the same. */
  seed: string;
  /** Origin of the studio, for the callbacks of the seeded apps. */
  studioUrl: string;
  /** Serve the true host names over TLS too. */
  tls: boolean;
  /** Offer `/__control/`: in tests only. */
  control: boolean;
  clock?: SimulatorClock;
  /** Salesforce's orgs, people and apps instead of the seeded ones. */
  world?: World;
  salesforceSettings?: Partial<SalesforceSettings>;
  /** 0 or left out: a free one. */
  loopbackPort?: number;
  tlsPort?: number;
  /** Made beforehand, where another process has to trust them before this one runs. */
  certificates?: TestCertificates;
  /** Grants and sessions are kept here over restarts. */
  stateFile?: string;
  /** Asked at each request; see `Companion`. */
  accompany?: WireDeps["accompany"];
};

type Extras = {
  /**
   * Signs in at the provider and allows (or denies) what an app asks, by the provider's own pages.
   *
   * @param authorizeUrl - under the true host name or on loopback
   * @returns where the browser is sent at the end: the app's callback with its query
   * @throws {EndedOnPageError} the provider keeps the browser on a page of its own
   */
  approve(
    authorizeUrl: string,
    walker: { username: string; password?: string; decision?: "allow" | "deny" },
  ): Promise<string>;
  requestsTo(which: RequestPredicate): LoggedRequest[];
};

export type Simulator = {
  /** `http://localhost:PORT`; the first folder is the true host. */
  loopbackUrl: string;
  tlsPort: number | null;
  /** The authority that signed the TLS certificate; empty without TLS. */
  caPem: string;
  /** `host=127.0.0.1:port,…` for the studio's connect map; empty without TLS. */
  connectMap(): string;
  salesforce: Salesforce & Extras & { studioClientId: string };
  marketingCloud: MarketingCloud & Extras;
  log: RequestLog;
  faults: Faults;
  clock: SimulatorClock;
  close(): Promise<void>;
};

/** Host names that the simulator's certificate is for; `*.` stands for one label. */
export const trueNames = [
  "login.salesforce.com",
  "test.salesforce.com",
  "*.my.salesforce.com",
  "*.sandbox.my.salesforce.com",
  "*.develop.my.salesforce.com",
  "*.scratch.my.salesforce.com",
  "*.auth.marketingcloudapis.com",
  "*.rest.marketingcloudapis.com",
  "*.soap.marketingcloudapis.com",
] as const;

/** Both providers on this machine's loopback; they know nothing of the studio but its callbacks. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? simulatorClock();
  const faults = createFaults();
  const log = createRequestLog();
  const studio = options.studioUrl.replace(/\/$/, "");
  let loopbackUrl = "";
  const urlFor = (host: string) => (options.tls ? `https://${host}` : `${loopbackUrl}/${host}`);
  const context = (name: string): SimulatorContext => ({
    clock,
    random: seededRandom(`${options.seed}:${name}`),
    faults,
    urlFor,
  });
  const salesforce = createSalesforce(context("salesforce"), {
    studioUrl: studio,
    ...(options.world ? { world: options.world } : {}),
    ...(options.salesforceSettings ? { settings: options.salesforceSettings } : {}),
  });
  const marketingCloud = createMarketingCloud(context("marketing-cloud"), {
    demoRedirectUris: [`${studio}/auth/sfmc-callback`, `${studio}/sfmc-callback`],
  });
  const providers: Provider[] = [salesforce, marketingCloud];
  const state = options.stateFile ? keepState(options.stateFile, providers) : undefined;
  const atStart = providers.map((provider) => structuredClone(provider.exportState()));
  const deps: WireDeps = {
    providers: () => providers,
    faults,
    log,
    clock,
    handled: () => state?.touch(),
    ...(options.accompany ? { accompany: options.accompany } : {}),
  };

  const reset = () => {
    faults.clear();
    log.clear();
    providers.forEach((provider, at) => {
      provider.importState(structuredClone(atStart[at]));
    });
  };
  const freshApp = (like: string) => {
    const clientId = `${like}.fresh.${salesforce.world.apps.length}`;
    const { availableInSeconds } = salesforce.addFreshApp({ ...salesforce.app(like), clientId });
    return { clientId, availableInSeconds };
  };
  const signInMany = (username: string, count: number) =>
    marketingCloud.signInMany({
      subdomain: parseHost(demoMarketingCloud.authHost)?.subdomain ?? "",
      clientId: demoMarketingCloud.clientId,
      username,
      count,
    });
  const control = options.control
    ? createControl({ faults, log, clock, reset, freshApp, signInMany })
    : undefined;
  const loopback = await listenOnLoopback(deps, options.loopbackPort ?? 0, control);
  loopbackUrl = `http://localhost:${loopback.port}`;
  const certificates = options.tls
    ? (options.certificates ?? (await makeCertificates(trueNames)))
    : null;
  const tls = certificates && (await listenOnTls(deps, options.tlsPort ?? 0, certificates));

  const target: WalkTarget = {
    loopbackUrl,
    tlsPort: tls?.port ?? null,
    caPem: certificates?.caPem ?? "",
  };
  const isProvider = (url: URL) =>
    url.origin === loopbackUrl ||
    (url.protocol === "https:" && providers.some((provider) => provider.owns(url.hostname)));
  const extras = (provider: Provider): Extras => ({
    approve: (authorizeUrl, walker) =>
      walkPages(
        target,
        authorizeUrl,
        { ...walker, password: walker.password ?? seededPassword },
        isProvider,
      ),
    requestsTo: (which) => log.requestsTo(which).filter(({ host }) => provider.owns(host)),
  });

  return {
    loopbackUrl,
    tlsPort: tls?.port ?? null,
    caPem: target.caPem,
    connectMap: () =>
      tls ? trueNames.map((name) => `${name}=127.0.0.1:${tls.port}`).join(",") : "",
    salesforce: Object.assign(salesforce, extras(salesforce), {
      studioClientId: seededApps.studio,
    }),
    marketingCloud: Object.assign(marketingCloud, extras(marketingCloud)),
    log,
    faults,
    clock,
    async close() {
      faults.release();
      await Promise.all([loopback.close(), tls?.close()]);
      state?.flush();
    },
  };
}
