import { alphanumeric } from "#lib/simulator/kit/random.ts";
import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import { enterpriseId, type Package, type Tenant } from "./world.ts";

/** Real tokens are exactly this long; the documented maximum is the same figure. */
const tokenLength = 512;

const base64urlAlphabet = `${alphanumeric}-_`;
const base64url = (value: unknown): string =>
  Buffer.from(JSON.stringify(value), "utf8").toString("base64url");
const header = base64url({ alg: "HS256", kid: "4", ver: "1", typ: "JWT" });

const clientTypes = {
  "public-app": "Public",
  "web-app": "Confidential",
  "server-to-server": "ServerToServer",
} as const;

/** A token of 512 characters in four parts: header, claims, signature, filler (contract 3.1). */
export function mintToken(
  random: SeededRandom,
  kind: "access" | "refresh",
  tenant: Tenant,
  made: Package,
): string {
  const claims = base64url({
    [`${kind}_token`]: random.token(24),
    client_id: made.clientId,
    eid: enterpriseId(tenant),
    stack_key: tenant.stackKey,
    platform_version: 2,
    client_type: clientTypes[made.type],
  });
  const start = `${header}.${claims}.${random.token(43, base64urlAlphabet)}.`;
  return start + random.token(tokenLength - start.length, base64urlAlphabet);
}

/** A code that looks like a JWT and holds `auth_code` and `eid`; well under 512 characters. */
export function mintCode(random: SeededRandom, tenant: Tenant): string {
  const claims = base64url({ auth_code: random.token(24), eid: enterpriseId(tenant) });
  return `${header}.${claims}.${random.token(43, base64urlAlphabet)}`;
}

/** The same seed repeats itself after a restart: what is already known is made again. */
export function unused(make: () => string, isKnown: (value: string) => boolean): string {
  let value = make();
  while (isKnown(value)) value = make();
  return value;
}
