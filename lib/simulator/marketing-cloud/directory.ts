import type { SimulatorClock } from "#lib/simulator/kit/types.ts";
import { checkPackage } from "./registration.ts";
import { findUser, type Package, type Tenant, type User } from "./world.ts";

/** Package edits reach authorize and token within this time. */
const propagationSeconds = 300;

type PackageEdit = { clientId: string; change: Partial<Package>; effectiveAtMs: number };
type UserEdit = { subdomain: string; username: string; change: Partial<User> };
export type DirectorySnapshot = { packageEdits: PackageEdit[]; userEdits: UserEdit[] };

/** Tenants, people and packages as they are now: what was founded, and what admins changed since. */
export type Directory = {
  tenants(): readonly Tenant[];
  findTenant(subdomain: string): Tenant | undefined;
  findPackage(tenant: Tenant, clientId: string): Package | undefined;
  findUser(tenant: Tenant, username: string): User | undefined;
  addTenant(tenant: Tenant): void;
  /** @throws {Error} what Setup would refuse */
  editPackage(clientId: string, change: Partial<Package>, isSlow: boolean): void;
  editUser(subdomain: string, username: string, change: Partial<User>): void;
  exportState(): DirectorySnapshot;
  importState(snapshot: DirectorySnapshot): void;
};

export function createDirectory(clock: SimulatorClock, founded: readonly Tenant[]): Directory {
  const tenants = new Map(founded.map((tenant) => [tenant.subdomain, tenant]));
  let edits: DirectorySnapshot = { packageEdits: [], userEdits: [] };

  const latest = (made: Package, atMs: number): Package => {
    const changes = edits.packageEdits
      .filter((edit) => edit.clientId === made.clientId && edit.effectiveAtMs <= atMs)
      .map(({ change }) => change);
    return Object.assign({}, made, ...changes);
  };

  return {
    tenants: () => [...tenants.values()],
    findTenant: (subdomain) => tenants.get(subdomain.toLowerCase()),
    findPackage(tenant, clientId) {
      const made = tenant.packages.find((one) => one.clientId === clientId);
      return made && latest(made, clock.nowMs());
    },
    findUser(tenant, username) {
      const user = findUser(tenant, username);
      if (!user) return undefined;
      const changes = edits.userEdits
        .filter((edit) => edit.subdomain === tenant.subdomain && edit.username === user.username)
        .map(({ change }) => change);
      return Object.assign({}, user, ...changes);
    },
    addTenant(tenant) {
      for (const one of tenant.packages) checkPackage(tenant, one);
      tenants.set(tenant.subdomain, tenant);
    },
    editPackage(clientId, change, isSlow) {
      for (const tenant of tenants.values()) {
        const made = tenant.packages.find((one) => one.clientId === clientId);
        if (!made) continue;
        checkPackage(tenant, { ...latest(made, Number.POSITIVE_INFINITY), ...change });
        const effectiveAtMs = clock.nowMs() + (isSlow ? propagationSeconds * 1000 : 0);
        edits.packageEdits.push({ clientId, change, effectiveAtMs });
        return;
      }
      throw new Error(`no package has the client id ${clientId}`);
    },
    editUser(subdomain, username, change) {
      const tenant = tenants.get(subdomain);
      const user = tenant && findUser(tenant, username);
      if (!user) throw new Error(`nobody is called ${username} in ${subdomain}`);
      edits.userEdits.push({ subdomain, username: user.username, change });
    },
    exportState: () => structuredClone(edits),
    importState(snapshot) {
      edits = structuredClone(snapshot);
    },
  };
}
