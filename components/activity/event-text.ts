import type { AuditEventJson } from "#lib/audit/schema.ts";

const plainNames: Readonly<Record<string, string>> = {
  orgId: "Org ID",
  memberId: "MID",
  providerUserId: "Provider's user ID",
};

/** `missingScopes` as "Missing scopes". */
export function detailName(name: string): string {
  const words = name.replace(
    /([a-z])([A-Z])/g,
    (_, before, after) => `${before} ${after.toLowerCase()}`,
  );
  return plainNames[name] ?? words.charAt(0).toUpperCase() + words.slice(1).replaceAll("_", " ");
}

/** A value of an event's detail as text. */
export function detailText(value: unknown): string {
  if (value === null || value === "") return "none";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(String).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Who did it, as a list says it. */
export function actorName(event: Pick<AuditEventJson, "actor">): string {
  return event.actor === null ? "Nobody signed in" : (event.actor.name ?? "A person unknown");
}

const told = ["name", "to", "reason", "purpose", "host", "method", "format", "network"];

/** What it was about, in one line: the connection, the person, and the most telling of its detail. */
export function aboutText(event: AuditEventJson): string {
  const parts: string[] = [];
  const { connection, detail, onBehalfOf, target } = event;
  if (connection !== null) parts.push(connection.name ?? namedIn(detail) ?? "a deleted connection");
  if (onBehalfOf !== null) parts.push(`for ${onBehalfOf.name ?? "a person unknown"}`);
  if (target?.kind === "user" && target.name !== null && target.id !== event.actor?.id) {
    parts.push(target.name);
  }
  for (const name of told) {
    const value = detail[name];
    const isSaid = value === undefined || value === null || parts.includes(String(value));
    if (!isSaid) parts.push(detailText(value).replaceAll("_", " "));
  }
  return parts.join(" · ");
}

const namedIn = (detail: AuditEventJson["detail"]) =>
  typeof detail.name === "string" ? detail.name : null;

export const shortHash = (hash: string) => hash.slice(0, 12);
