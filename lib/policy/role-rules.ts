import type { Principal } from "#lib/core/principal.ts";

export type Action =
  | { do: "connection.create" }
  | { do: "connection.edit"; createdById: string | null }
  | { do: "grant.disconnect"; ownerId: string };

/**
 * May this person do this, by role? Members make connections and look after their own; admins and
 * owners look after all. Nobody acts with another's grant: an admin can only end it (TEN-4).
 */
export function mayDo(principal: Pick<Principal, "userId" | "role">, action: Action): boolean {
  const isAdmin = principal.role !== "member";
  switch (action.do) {
    case "connection.create":
      return true;
    case "connection.edit":
      return isAdmin || action.createdById === principal.userId;
    case "grant.disconnect":
      return isAdmin || action.ownerId === principal.userId;
  }
}
