/** Every scope string a package can carry (contract 5.2); `openid` shows in userinfo only. */
const families: readonly (readonly [family: string, operations: string])[] = [
  ["accounts", "read write"],
  ["approvals", "read write"],
  ["audiences", "read write"],
  ["automations", "execute read write"],
  ["calendar", "read write"],
  ["campaign", "read write"],
  ["contact_bu_mapping", "create delete update view"],
  ["data_extensions", "read write"],
  ["deep_linking_asset", "delete read write"],
  ["deep_linking_settings", "read write"],
  ["dfu", "configure"],
  ["documents_and_images", "read write"],
  ["email", "read send write"],
  ["event_notification_callback", "create delete read update"],
  ["event_notification_subscription", "create delete read update"],
  ["file_locations", "read write"],
  ["journeys", "aspr delete execute read write"],
  ["key_manage", "revoke rotate view"],
  ["list_and_subscribers", "read write"],
  ["marketing_cloud_connect", "read send write"],
  ["ott_channels", "read write"],
  ["ott_chat_messaging", "read send"],
  ["package_manager", "deploy package"],
  ["push", "read send write"],
  ["saved_content", "read write"],
  ["sms", "read send write"],
  ["social", "post publish read write"],
  ["tags", "read write"],
  ["tracking_events", "read write"],
  ["users", "read write"],
  ["web", "publish read write"],
  ["webhooks", "read write"],
  ["workflows", "read write"],
];

export const allScopes: readonly string[] = [
  ...families.flatMap(([family, operations]) =>
    operations.split(" ").map((operation) => `${family}_${operation}`),
  ),
  "offline",
];

const known = new Set(allScopes);
export const isKnownScope = (scope: string): boolean => known.has(scope);

/** Splits a scope parameter; order is kept, repeats are dropped. */
export function parseScopes(value: string): string[] {
  return [...new Set(value.split(/\s+/).filter((scope) => scope !== ""))];
}

export type Permission = {
  objectTypeName: string;
  operationName: string;
  name: string;
  id: number;
};

/** What userinfo lists as the person's own rights; `offline` is a property of a token, not a right. */
export function toPermissions(scopes: readonly string[]): Permission[] {
  return scopes
    .filter((scope) => scope !== "offline")
    .map((scope) => {
      const split = scope.lastIndexOf("_");
      const title = (words: string) =>
        words
          .split("_")
          .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
          .join("");
      const objectTypeName = title(scope.slice(0, split));
      const operationName = title(scope.slice(split + 1));
      return {
        objectTypeName,
        operationName,
        name: `${objectTypeName}|${operationName}`,
        id: 1001 + allScopes.indexOf(scope),
      };
    });
}
