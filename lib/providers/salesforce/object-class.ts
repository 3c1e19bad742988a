import type { CallClass } from "#lib/providers/proxied-call.ts";
import { isCredentialObject } from "#lib/providers/salesforce/credential-objects.ts";
import { storedId } from "#lib/providers/salesforce/record-id.ts";

/**
 * Objects whose rows run, in lower case: writing one plants code, starts it or sends, without the Tooling
 * API.
 *
 * @see Object Reference for the Salesforce Platform
 */
const runs: ReadonlySet<string> = new Set([
  "apexclass",
  "apexcomponent",
  "apexpage",
  "apextestqueueitem",
  "apextrigger",
  "auradefinition",
  "auradefinitionbundle",
  "collaborationinvitation",
  "lightningcomponentbundle",
  "lightningcomponentresource",
  "listemail",
  "outgoingemail",
  "scontrol",
  "staticresource",
]);

/** What it is to create, change or delete rows of this object. */
export function classOfObject(name: string): "credentials" | "code" | "write" {
  if (isCredentialObject(name)) return "credentials";
  // A row of a platform event is kept nowhere: all it does is start what listens.
  return runs.has(name.toLowerCase()) || /__e$/i.test(name) ? "code" : "write";
}

/** The worst of several objects; `write` of none. */
export const classOfObjects = (names: readonly string[]): "credentials" | "code" | "write" =>
  worst(names.map(classOfObject));

// AuthProvider, AuthSession, ConnectedApplication, ExternalDataSource, LoginIp, NamedCredential,
// OauthToken, SamlSsoConfig, UserLogin.
const credentialKeyPrefix = /^(?:0SO|0Ak|0H4|0XC|710|0XA|0CQ|0LE|0Yw)/;
// ApexClass, ApexTrigger, ApexPage, ApexComponent, ApexTestQueueItem, SControl, StaticResource,
// AuraDefinitionBundle, AuraDefinition, LightningComponentBundle, LightningComponentResource.
const codeKeyPrefix = /^(?:01p|01q|066|099|709|01N|081|0Ab|0Ad|0Rb|0Rd)/;

/**
 * What it is to change or delete rows of which the id alone is known: its key prefix tells the object, in
 * its own letter case, however the id is written.
 */
export const classOfIds = (ids: readonly string[]): "credentials" | "code" | "write" =>
  worst(
    ids.map((id) => {
      const readings = [id, storedId(id.replace(addressEnding, ""))];
      if (readings.some((reading) => credentialKeyPrefix.test(reading))) return "credentials";
      return readings.some((reading) => codeKeyPrefix.test(reading)) ? "code" : "write";
    }),
  );

/** In what form to answer may stand behind an id. */
const addressEnding = /\.(?:json|xml)$/;
const plainId = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?(?:\.(?:json|xml))?$/;

/** The same of an address: what is no id, a reference to an earlier answer say, could be any row's. */
export const classOfAddressedIds = (ids: readonly string[]): CallClass =>
  ids.every((id) => plainId.test(id)) ? classOfIds(ids) : "unknown";

function worst(classes: readonly ("credentials" | "code" | "write")[]) {
  if (classes.includes("credentials")) return "credentials";
  return classes.includes("code") ? "code" : "write";
}
