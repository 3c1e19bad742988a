import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { rookhope } from "#lib/simulator/salesforce/rookhope.ts";
import { trueNames } from "#lib/simulator/simulator.ts";
import { type ChaosDatabase, startDatabase } from "./database.ts";
import { type Forwarder, startForwarder } from "./forwarder.ts";
import { freePort } from "./http.ts";
import { type Instance, makeInstance } from "./instance.ts";
import { owner, type Person, signIn } from "./person.ts";
import { type Account, type Providers, startProviders } from "./provider.ts";
import { type SharedStore, startSharedStore } from "./shared-store.ts";

/** An account with the connection and the grant that it has in the studio. */
export type Seat = { account: Account; connectionId: string; grantId: string };

/** An instance's way to the providers and its way to the database. */
export type Ways = { providers: Forwarder; database: Forwarder };

/** A studio of two instances with everything around it. */
export type World = {
  readonly studioUrl: string;
  readonly folder: string;
  /** Folders of what was answered and could not be stored. */
  readonly spools: ReadonlySet<string>;
  readonly keys: { vault: string; session: string };
  readonly instances: readonly [Instance, Instance];
  /** Of each instance, by its name. */
  readonly ways: ReadonlyMap<string, Ways>;
  readonly database: ChaosDatabase;
  readonly providers: Providers;
  /** Null: the instances share nothing but the database. */
  readonly store: SharedStore | null;
  readonly person: Person;
  readonly seats: readonly Seat[];
  close(): Promise<void>;
};

export type WorldOptions = {
  seed: string;
  /** How many accounts at each of the two providers. */
  accountsEach: number;
  /** How long access tokens live. */
  tokenSeconds: number;
  hasSharedStore: boolean;
  /** What one instance could not store any more is found by the other; else only by itself (RF-5). */
  hasSharedSpool: boolean;
  /** Before the first instance starts. */
  prepare?(database: ChaosDatabase): Promise<unknown>;
};

/**
 * Two instances of the production build on one PostgreSQL, and both providers under their true names;
 * each account is connected by its own sign-in.
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "studio-chaos-"));
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return await openWorld(options, folder, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function openWorld(
  options: WorldOptions,
  folder: string,
  closing: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<World> {
  const ports = [await freePort(), await freePort()] as const;
  const studioUrl = `http://localhost:${ports[0]}`;
  const forwarders = new Map<string, Forwarder>();
  const providers = await startProviders({
    ...options,
    studioUrl,
    instanceOf: (port) =>
      [...forwarders].find(([, forwarder]) => forwarder.owns(port))?.[0] ?? "somebody else",
  });
  closing.push(() => providers.close());
  const { tlsPort, caPem } = providers.simulator;
  const caFile = path.join(folder, "ca.pem");
  writeFileSync(caFile, caPem);
  const database = await startDatabase(path.join(folder, "database"));
  closing.push(() => database.close());
  await options.prepare?.(database);
  const store = options.hasSharedStore ? await startSharedStore(folder) : null;
  if (store) closing.push(() => store.close());
  const keys = {
    vault: `chaos:${randomBytes(32).toString("base64")}`,
    session: randomBytes(32).toString("base64"),
  };

  const spools = new Set<string>();
  const instances: Instance[] = [];
  const ways = new Map<string, Ways>();
  for (const [n, name] of ["a", "b"].entries()) {
    const forwarder = await startForwarder(tlsPort ?? 0);
    forwarders.set(name, forwarder);
    closing.push(() => forwarder.close());
    const inner = await startForwarder(database.socket);
    closing.push(() => inner.close());
    ways.set(name, { providers: forwarder, database: inner });
    const spool = path.join(folder, options.hasSharedSpool ? "spool" : `${name}-spool`);
    mkdirSync(spool, { recursive: true, mode: 0o700 });
    spools.add(spool);
    const instance = makeInstance({
      name,
      port: ports[n] ?? 0,
      folder,
      env: {
        STUDIO_URL: studioUrl,
        DATABASE_URL: database.urlBy(name, inner.port),
        VAULT_KEYS: keys.vault,
        SESSION_SECRET: keys.session,
        SALESFORCE_CLIENT_ID: rookhope.apps.sound,
        DEMO: "off",
        NODE_EXTRA_CA_CERTS: caFile,
        EGRESS_CONNECT_MAP: trueNames
          .map((host) => `${host}=127.0.0.1:${forwarder.port}`)
          .join(","),
        SPOOL_DIR: spool,
        ...(store ? { REDIS_URL: store.url } : {}),
        STUDIO_OWNER_EMAIL: owner.email,
        STUDIO_OWNER_PASSWORD: owner.password,
      },
    });
    closing.push(() => instance.kill());
    instances.push(instance);
    await instance.start();
  }
  const [a, b] = instances as [Instance, Instance];
  const person = await signIn(providers, studioUrl, a.port);
  const seats: Seat[] = [];
  for (const account of providers.accounts) {
    seats.push(await takeSeat(person, account, { begin: a.port, end: b.port }));
  }
  // Their owner lets agents have these tokens themselves; what is leased can be held against the commits.
  await database.query("update grants set allows_raw_leases = true where id = any($1::uuid[])", [
    seats.filter(isRaw).map(({ grantId }) => grantId),
  ]);
  const around = { database, providers, store, person, seats, ways };
  return { studioUrl, folder, spools, keys, instances: [a, b], ...around, close };
}

/** Every second seat hands out raw tokens. */
export const isRaw = ({ account }: Pick<Seat, "account">): boolean =>
  Number(account.name.split("-")[1]) % 2 === 0;

async function takeSeat(
  person: Person,
  account: Account,
  ports: { begin: number; end: number },
): Promise<Seat> {
  const made = await person.ask(ports.begin, {
    method: "POST",
    path: "/api/connections",
    json: account.definition,
  });
  if (made.status !== 201) throw new Error(`${account.name}: ${made.status} ${made.body}`);
  const { id } = JSON.parse(made.body) as { id: string };
  const connected = await person.connect(ports, id, account);
  if (!connected) throw new Error(`${account.name} did not connect`);
  return { account, connectionId: id, grantId: connected.grantId };
}
