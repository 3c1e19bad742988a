import type { Logger } from "#lib/core/log.ts";
import type { ChangeFeed } from "#lib/db/changes.ts";
import type { Database } from "#lib/db/client.ts";
import type { AccessTokens } from "#lib/grants/access-tokens.ts";
import { listGenerations } from "#lib/grants/grant-repository.ts";

const CHECKED_AT_ONCE = 1_000;

type Deps = { changes: ChangeFeed; accessTokens: AccessTokens; db: Database; log: Logger };

/**
 * Access tokens of an authorization that ended anywhere leave this process's memory (VA-9, BRK-11). After
 * a gap in what was heard, each one held is held against the database.
 */
export function forgetEndedTokens(deps: Deps): void {
  const { changes, accessTokens, log } = deps;
  changes.subscribe((change) => {
    if (change === "all") {
      checkAll(deps).catch((error: unknown) => log.warn("tokens were not checked", { error }));
    } else if (change.kind === "grant" && change.generation !== undefined) {
      accessTokens.dropBefore({ id: change.id, generation: change.generation });
    }
  });
}

async function checkAll({ accessTokens, db }: Deps): Promise<void> {
  const ids = accessTokens.ids();
  for (let at = 0; at < ids.length; at += CHECKED_AT_ONCE) {
    const some = ids.slice(at, at + CHECKED_AT_ONCE);
    const generations = await listGenerations(db, some);
    for (const id of some) {
      const generation = generations.get(id);
      if (generation === undefined) accessTokens.drop(id);
      else accessTokens.dropBefore({ id, generation });
    }
  }
}
