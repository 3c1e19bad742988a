import type { LoggedRequest } from "#lib/simulator/kit/request-log.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import type { Companion } from "#lib/simulator/kit/wire.ts";
import { rookhopeCloud } from "#lib/simulator/marketing-cloud/rookhope.ts";
import { marketingCloudFaults } from "#lib/simulator/marketing-cloud/switches.ts";
import { seededWorld } from "#lib/simulator/salesforce/companies.ts";
import { makeId } from "#lib/simulator/salesforce/ids.ts";
import { rookhope } from "#lib/simulator/salesforce/rookhope.ts";
import { type Simulator, startSimulator } from "#lib/simulator/simulator.ts";
import type { Presentation, TokenUse } from "./history.ts";
import { type Writes, watchWrites } from "./plans/writes.ts";

/** Somebody with an account at a provider: one grant of the run is theirs. */
export type Account = {
  name: string;
  provider: "salesforce" | "marketing-cloud";
  username: string;
  /** What the studio is told to make the connection of it. */
  definition: Readonly<Record<string, unknown>>;
};

/** What becomes of one refresh at the provider. */
export type Trouble =
  | { kind: "hold"; stage: "before-work" | "after-work" }
  | { kind: "slow"; ms: number }
  | { kind: "cut"; stage: "before-work" | "after-work" | "mid-body" }
  | { kind: "answer"; status: number; body: string; contentType: string }
  /** The work is done and nobody can read the answer. */
  | { kind: "spoil"; how: "html" | "gateway" | "flood" | "no-access-token" | "broken-json" };

/** A trouble that waits for the next refresh of an account, then for the word to let it go. */
export type SetTrouble = {
  /** The refresh has come to it. */
  readonly reached: Promise<void>;
  /** The refresh that met it; undefined while none has come. */
  met(): Presentation | undefined;
  /** Lets a held request go on; `drop` before the work: the provider never sees it. */
  release(how?: "go" | "drop"): void;
};

export type Providers = {
  readonly simulator: Simulator;
  readonly accounts: readonly Account[];
  readonly presentations: Presentation[];
  readonly signIns: { accessToken: string; refreshToken: string }[];
  readonly uses: TokenUse[];
  readonly revoked: Set<string>;
  readonly writes: Writes;
  /** Sets a trouble for the next refresh of an account; the earlier of two comes first. */
  trouble(account: string, trouble: Trouble): SetTrouble;
  /** Takes back every trouble that nobody has met, and lets go what is held. */
  calm(): void;
  /** Ends the access tokens of an account, as an administrator does; its refresh token lives. */
  endSessions(account: string): void;
  close(): Promise<void>;
};

/** A mark in the query of the calls that the run's agents make: nobody else calls with it. */
export const callMark = "chaosCall";

const tokenPath = /^\/(services\/oauth2|v2)\/token$/i;
const revokePath = /^\/services\/oauth2\/revoke$/i;
const subdomain = "mcchaos0run5t7v9x2z4b6n8q1w3";
const floodBytes = 80 * 1024;

/**
 * Both providers in strict rotation, with so many accounts each, and the ground truth of what they did.
 *
 * @param options.tokenSeconds - how long access tokens live
 * @param options.instanceOf - which studio instance has this end of a connection
 */
export async function startProviders(options: {
  seed: string;
  studioUrl: string;
  accountsEach: number;
  tokenSeconds: number;
  instanceOf(port: number): string;
}): Promise<Providers> {
  const presentations: Presentation[] = [];
  const signIns: Providers["signIns"] = [];
  const uses: TokenUse[] = [];
  const revoked = new Set<string>();
  const writes = watchWrites();
  const accountOf = new Map<string, string>();
  const waiting: (Waiting & { account: string })[] = [];

  const world = seededWorld(options.studioUrl);
  const org = world.orgs.find(({ host }) => host === rookhope.host);
  const like = org?.users.find(({ username }) => username === rookhope.users.admin);
  const app = world.apps.find(({ clientId }) => clientId === rookhope.apps.sound);
  if (!org || !like || !app) throw new Error("the simulator's seed lacks what a run needs");
  org.dailyApiRequests = Number.MAX_SAFE_INTEGER;
  Object.assign(app, {
    rotation: "strict",
    issuesJwtTokens: true,
    sessionTimeoutSeconds: options.tokenSeconds,
  });
  const numbers = Array.from({ length: options.accountsEach }, (_, n) => n);
  const inSalesforce = numbers.map((n) => ({
    ...like,
    id: makeId("005", org.pod, 500 + n),
    username: `driver-${n}@rookhope.example`,
  }));
  org.users.push(...inSalesforce);

  const simulator = await startSimulator({
    seed: options.seed,
    studioUrl: options.studioUrl,
    tls: true,
    control: false,
    world,
    salesforceSettings: { loginsPerHour: Number.MAX_SAFE_INTEGER },
    accompany,
  });
  const { marketingCloud, faults } = simulator;
  faults.set(marketingCloudFaults.expiresInSeconds, options.tokenSeconds);
  const tenant = marketingCloud.findTenant(rookhopeCloud.subdomain);
  const made = tenant?.packages.find(({ clientId }) => clientId === rookhopeCloud.packages.sound);
  if (!tenant || !made) throw new Error("the simulator's seed lacks what a run needs");
  const packages = numbers.map((n) => ({
    ...made,
    id: `${made.id.slice(0, -4)}${String(n).padStart(4, "0")}`,
    clientId: `chaos${String(n).padStart(4, "0")}pub1ic0app00000`,
  }));
  marketingCloud.addTenant({ ...tenant, subdomain, packages });

  const accounts: Account[] = [
    ...numbers.map((n) => ({
      name: `sf-${n}`,
      provider: "salesforce" as const,
      username: inSalesforce[n]?.username ?? "",
      definition: {
        provider: "salesforce",
        method: "quick",
        name: `Chaos org ${n}`,
        environment: "production",
        scopes: ["api", "refresh_token"],
      },
    })),
    ...numbers.map((n) => ({
      name: `mc-${n}`,
      provider: "marketing-cloud" as const,
      username: rookhopeCloud.users.admin,
      definition: {
        provider: "marketing-cloud",
        name: `Chaos unit ${n}`,
        clientId: packages[n]?.clientId,
        authBaseUri: `https://${subdomain}.auth.marketingcloudapis.com/`,
        accountId: rookhopeCloud.mids.parent,
        scopes: ["offline", "accounts_read", "data_extensions_read", "data_extensions_write"],
      },
    })),
  ];
  const bySalesforceUser = new Map(inSalesforce.map(({ id }, n) => [id, `sf-${n}`]));
  const byClient = new Map(packages.map(({ clientId }, n) => [clientId, `mc-${n}`]));

  function accompany(request: LoggedRequest, callerPort: number | undefined): Companion {
    const atMs = Date.now();
    const instance = options.instanceOf(callerPort ?? 0);
    const [path = "", query = ""] = request.path.split("?");
    const cleanPath = path.replaceAll(/\/{2,}/g, "/");
    if (query.includes(callMark)) {
      const authorization = headerOf(request, "authorization") ?? "";
      const accessToken = authorization.replace(/^Bearer /i, "");
      uses.push({ accessToken, atMs, instance, by: "proxied call" });
      return {};
    }
    const fields = request.method === "POST" ? fieldsOf(request) : new Map<string, string>();
    if (revokePath.test(cleanPath)) revoked.add(fields.get("token") ?? "");
    if (!tokenPath.test(cleanPath)) return writes.accompany(request, instance) ?? {};
    const refreshToken = fields.get("refresh_token");
    if (fields.get("grant_type") !== "refresh_token" || refreshToken === undefined) {
      return { afterWork: async (answer) => noteSignIn(answer, fields) };
    }
    const presented: Presentation = {
      refreshToken,
      instance,
      atMs,
      endedAtMs: null,
      work: { did: "nothing" },
      answer: "lost",
    };
    presentations.push(presented);
    const account = accountOf.get(refreshToken);
    const at = waiting.findIndex((one) => one.account === account);
    const trouble = at < 0 ? undefined : waiting.splice(at, 1)[0];
    if (trouble) {
      trouble.presented = presented;
      held.add(trouble);
    }
    return refreshCompanion(presented, trouble);
  }
  const held = new Set<Waiting>();

  function noteSignIn(answer: SimulatorResponse, fields: Map<string, string>): SimulatorResponse {
    const tokens = tokensOf(answer);
    if (tokens) {
      const user = /\/(\w{18})$/.exec(String(tokens.id ?? ""))?.[1] ?? "";
      const name = bySalesforceUser.get(user) ?? byClient.get(fields.get("client_id") ?? "");
      if (name) accountOf.set(tokens.refreshToken, name);
      signIns.push({ accessToken: tokens.accessToken, refreshToken: tokens.refreshToken });
    }
    return answer;
  }

  function refreshCompanion(presented: Presentation, met: Waiting | undefined): Companion {
    const trouble = met?.trouble;
    let isSpoiled = false;
    return {
      async beforeWork() {
        if (trouble?.kind === "hold" && trouble.stage === "before-work") {
          met?.reach();
          if ((await met?.released) === "drop") return "cut";
        }
        if (trouble?.kind === "cut" && trouble.stage === "before-work") {
          met?.reach();
          return "cut";
        }
        if (trouble?.kind !== "answer") return undefined;
        met?.reach();
        const { status, body, contentType } = trouble;
        return { status, body, headers: { "content-type": contentType } };
      },
      async afterWork(answer) {
        presented.work = workOf(answer);
        if (presented.work.did === "rotate") {
          const name = accountOf.get(presented.refreshToken);
          if (name) accountOf.set(presented.work.refreshToken, name);
        }
        if (!trouble || (trouble.kind === "hold" && trouble.stage === "before-work")) return answer;
        met?.reach();
        if (trouble.kind === "hold") await met?.released;
        if (trouble.kind === "slow") return { ...answer, connection: { delayMs: trouble.ms } };
        if (trouble.kind === "cut") {
          const cut = trouble.stage === "mid-body" ? "mid-body" : "before-answer";
          return { ...answer, connection: { cut } };
        }
        if (trouble.kind !== "spoil" || presented.work.did !== "rotate") return answer;
        isSpoiled = true;
        return spoil(answer, trouble.how);
      },
      ended(isWhole) {
        presented.endedAtMs = Date.now();
        presented.answer = !isWhole ? "lost" : isSpoiled ? "spoiled" : "whole";
        if (met) held.delete(met);
      },
    };
  }

  return {
    simulator,
    accounts,
    presentations,
    signIns,
    uses,
    revoked,
    writes,
    trouble(account, trouble) {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<"go" | "drop">();
      let isReached = false;
      const one: Waiting & { account: string } = {
        account,
        trouble,
        presented: undefined,
        reach: () => {
          isReached = true;
          reached.resolve();
        },
        released: released.promise,
        release: released.resolve,
      };
      waiting.push(one);
      return {
        reached: reached.promise,
        met: () => (isReached ? one.presented : undefined),
        release: (how = "go") => released.resolve(how),
      };
    },
    calm() {
      waiting.splice(0);
      for (const one of held) one.release("go");
      writes.calm();
    },
    endSessions(account) {
      const user = [...bySalesforceUser].find(([, name]) => name === account)?.[0];
      for (const session of simulator.salesforce.state().sessions) {
        if (session.userId === user) session.isRevoked = true;
      }
    },
    close: () => simulator.close(),
  };
}

type Waiting = {
  trouble: Trouble;
  presented: Presentation | undefined;
  reach(): void;
  released: Promise<"go" | "drop">;
  release(how: "go" | "drop"): void;
};

function headerOf({ rawHeaders }: LoggedRequest, name: string): string | undefined {
  const at = rawHeaders.findIndex((text, n) => n % 2 === 0 && text.toLowerCase() === name);
  return at < 0 ? undefined : rawHeaders[at + 1];
}

/** Fields of a form or of a JSON object, whichever the dialect sends. */
function fieldsOf(request: LoggedRequest): Map<string, string> {
  const text = request.body.toString("utf8");
  if (!/json/i.test(headerOf(request, "content-type") ?? "")) {
    return new Map(new URLSearchParams(text));
  }
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return new Map(entries.map(([name, value]) => [name, String(value)]));
  } catch {
    return new Map();
  }
}

type Tokens = { accessToken: string; refreshToken: string; id: unknown };

function tokensOf({ status, body }: SimulatorResponse): Tokens | null {
  if (status !== 200) return null;
  const { access_token, refresh_token, id } = JSON.parse(String(body)) as Record<string, unknown>;
  return { accessToken: String(access_token), refreshToken: String(refresh_token), id };
}

function workOf(answer: SimulatorResponse): Presentation["work"] {
  const tokens = tokensOf(answer);
  if (tokens) {
    const { accessToken, refreshToken } = tokens;
    return { did: "rotate", accessToken, refreshToken };
  }
  if (/already being processed/i.test(String(answer.body))) return { did: "nothing", isBusy: true };
  return answer.status < 500 && answer.status !== 429 ? { did: "refuse" } : { did: "nothing" };
}

function spoil(
  answer: SimulatorResponse,
  how: Extract<Trouble, { kind: "spoil" }>["how"],
): SimulatorResponse {
  const text = String(answer.body);
  switch (how) {
    case "html":
      return {
        status: 200,
        headers: { "content-type": "text/html" },
        body: "<!doctype html><title>One moment</title>",
      };
    case "gateway":
      return {
        status: 504,
        headers: { "content-type": "text/html" },
        body: "<h1>Gateway Time-out</h1>",
      };
    case "flood":
      return { ...answer, body: text + " ".repeat(floodBytes) };
    case "broken-json":
      return { ...answer, body: text.slice(0, -3) };
    case "no-access-token": {
      const { access_token: _gone, ...rest } = JSON.parse(text) as Record<string, unknown>;
      return { ...answer, body: JSON.stringify(rest) };
    }
  }
}
