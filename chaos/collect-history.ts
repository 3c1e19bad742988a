import { createChainKey } from "#lib/audit/chain.ts";
import { verifyTrail } from "#lib/audit/verify-trail.ts";
import { connectionOfRow } from "#lib/connections/repository.ts";
import type { Secret } from "#lib/core/secret.ts";
import { createDatabase } from "#lib/db/client.ts";
import { refreshTokenContext } from "#lib/grants/secrets.ts";
import { loadKeys } from "#lib/vault/keys.ts";
import { openSecret } from "#lib/vault/open.ts";
import type { Ledger } from "./agents.ts";
import type { GrantVersion, History } from "./history.ts";
import type { World } from "./world.ts";

/** Puts together what every side knows of a run, once nothing runs any more but the database. */
export async function collectHistory(
  world: World,
  ledger: Ledger,
  healed: History["healed"],
): Promise<History> {
  const { database, providers, instances } = world;
  const { keyRing, derivedKeys } = loadKeys({
    env: { VAULT_KEYS: world.keys.vault, SESSION_SECRET: world.keys.session },
    dataDir: world.folder,
  });
  const db = createDatabase(database.url, { poolSize: 2 });
  try {
    const leases = await database.query<{ id: string }>("select id from leases");
    const brokenChains: string[] = [];
    for (const { name, dataDir } of instances) {
      const chainKey = createChainKey(derivedKeys.auditChain);
      const report = await verifyTrail({ db, chainKey, settings: { dataDir } });
      for (const { chainId, firstBad } of report.chains) {
        if (firstBad)
          brokenChains.push(
            `chain ${chainId}, seen by ${name}: ${JSON.stringify({ ...firstBad, sequence: String(firstBad.sequence) })}`,
          );
      }
      if (report.badAnchorLines.length > 0) brokenChains.push(`anchors of ${name}`);
    }
    const grants = await db.grant.findMany({ include: { connection: true } });
    const places = new Map(
      grants.map(({ id, userId, connection }) => [
        id,
        refreshTokenContext({ id, userId, connection: connectionOfRow(connection) }),
      ]),
    );
    const opened = new Map<string, string>();
    const versions: GrantVersion[] = [];
    for (const { sealed, ...version } of await database.versions()) {
      const place = places.get(version.grantId);
      if (sealed !== null && place && !opened.has(sealed)) {
        const secret: Secret = await openSecret(
          { keyRing, recordOpening: async () => {} },
          sealed,
          place,
          { purpose: "history" },
        );
        opened.set(sealed, secret.reveal());
      }
      const refreshToken = sealed === null ? null : (opened.get(sealed) ?? null);
      versions.push({ ...version, refreshToken });
    }
    return {
      presentations: providers.presentations,
      signIns: providers.signIns,
      versions,
      uses: [...providers.uses, ...ledger.leased],
      answers: ledger.answers,
      ends: ledger.ends,
      revoked: providers.revoked,
      kills: instances.flatMap(({ name: instance, kills }) =>
        kills.map((atMs) => ({ instance, atMs })),
      ),
      pauses: instances.flatMap(({ name: instance, pauses }) =>
        pauses.map((pause) => ({ instance, ...pause })),
      ),
      leaseIds: new Set(leases.map(({ id }) => id)),
      events: await database.events(),
      brokenChains,
      healed,
    };
  } finally {
    await db.$disconnect();
  }
}
