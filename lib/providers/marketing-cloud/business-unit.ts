import { z } from "zod";
import { lineOf } from "#lib/core/plain-text.ts";
import type { Secret } from "#lib/core/secret.ts";
import { retrieve } from "#lib/providers/marketing-cloud/soap.ts";
import { decoded } from "#lib/providers/marketing-cloud/soap-answer.ts";
import type {
  BusinessUnit,
  BusinessUnitList,
  ConnectionUnderProof,
  InstanceHosts,
  ProviderDeps,
} from "#lib/providers/provider.ts";

const longestName = 200;
/** Pages of 2,500: more than any tenant was seen to have, and an end for one that never stops. */
const mostPages = 8;

const mid = z
  .string()
  .regex(/^[1-9]\d{0,11}$/)
  .transform(Number);
const unitSchema = z
  .object({
    ID: mid,
    Name: z.unknown().optional(),
    ParentID: mid.nullable().catch(null),
    IsActive: z.unknown().optional(),
  })
  .transform(
    (unit): BusinessUnit => ({
      accountId: unit.ID,
      name: nameOf(unit.Name),
      parentId: unit.ParentID === unit.ID ? null : unit.ParentID,
      isActive: String(unit.IsActive).toLowerCase() === "true",
    }),
  );

/** An element with children, or markup in a name, is no text: then there is no name. */
function nameOf(value: unknown): string {
  return typeof value === "string" ? lineOf(decoded(value), longestName) : "";
}

/**
 * The whole tree of a tenant's business units, as far as this token may see it: from the parent all
 * of them, from any other unit only itself. What is no unit is left out, a MID that comes twice counts
 * once, and a tenant that never stops is cut off.
 *
 * @throws {EgressError} no whole answer came
 * @see contract of Marketing Cloud, section 13 ("List BUs")
 */
export async function listBusinessUnits(
  deps: ProviderDeps,
  connection: ConnectionUnderProof,
  hosts: InstanceHosts,
  accessToken: Secret,
): Promise<BusinessUnitList> {
  const units = new Map<number, BusinessUnit>();
  let continues: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await retrieve(deps, connection, hosts, accessToken, {
      objectType: "BusinessUnit",
      properties: ["ID", "Name", "ParentID", "ParentName", "IsActive"],
      isOfAllAccounts: true,
      ...(continues === undefined ? {} : { continues }),
    });
    if (answer.kind === "refused") return answer;
    const known = units.size;
    for (const result of answer.results) {
      const unit = unitSchema.safeParse(result);
      if (unit.success && !units.has(unit.data.accountId))
        units.set(unit.data.accountId, unit.data);
    }
    if (!answer.hasMore) return { kind: "listed", units: [...units.values()], isWhole: true };
    // A page that brings nothing new, or no way on, will not bring it later either.
    if (units.size === known || answer.requestId === "") break;
    continues = answer.requestId;
  }
  return { kind: "listed", units: [...units.values()], isWhole: false };
}

/**
 * Asks for the name of the token's business unit, which userinfo does not tell (contract §4.1, §13).
 * Where the token may not read it, or the SOAP host does not answer, the name stays unknown: that is
 * no reason to fail a connection.
 *
 * @returns name by MID
 */
export async function findBusinessUnitName(
  deps: ProviderDeps,
  connection: ConnectionUnderProof,
  hosts: InstanceHosts,
  accessToken: Secret,
): Promise<(memberId: number) => string | null> {
  const none = () => null;
  try {
    const answer = await retrieve(deps, connection, hosts, accessToken, {
      objectType: "BusinessUnit",
      properties: ["ID", "Name"],
    });
    if (answer.kind === "refused") return none;
    const units = answer.results.flatMap((result) => unitSchema.safeParse(result).data ?? []);
    return (memberId) => units.find((unit) => unit.accountId === memberId)?.name || null;
  } catch {
    return none;
  }
}
