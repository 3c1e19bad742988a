import { InvalidInputError } from "#lib/core/errors.ts";
import { isPlainHostName } from "#lib/egress/host-name.ts";
import { isLoopbackOrigin } from "#lib/egress/public-address.ts";

declare const checked: unique symbol;

/** Where a call may go. Made only by the functions below, which check it. */
export type EgressTarget = {
  readonly [checked]: true;
  readonly kind: "provider" | "demo" | "issuer" | "collector";
  /** `https://host`, the demo's origin, or an identity provider's. */
  readonly origin: string;
  /** Whom we mean: the provider's host, also where the demo plays it. */
  readonly host: string;
  /** Put before each path; empty or `/{host}`. */
  readonly basePath: string;
};

const made = new WeakSet<EgressTarget>();

function make(target: Omit<EgressTarget, typeof checked>): EgressTarget {
  const frozen = Object.freeze({ ...target }) as EgressTarget;
  made.add(frozen);
  return frozen;
}

/** True for a target that one of the constructors here made; the type alone can be forged. */
export function isEgressTarget(target: EgressTarget): boolean {
  return made.has(target);
}

/**
 * A provider's host over https on port 443.
 *
 * @param rule - the provider's own host rule; must accept the host as it stands
 * @throws {InvalidInputError} not a plain host name, or not accepted
 */
export function providerTarget(host: string, rule: (host: string) => boolean): EgressTarget {
  if (!isPlainHostName(host) || !rule(host)) {
    throw new InvalidInputError("This address is not one of the provider's.");
  }
  return make({ kind: "provider", origin: `https://${host}`, host, basePath: "" });
}

/**
 * The demo playing a provider's host: `{demoOrigin}/{host}`. Plain http only on this machine.
 *
 * @throws {InvalidInputError} no origin in its plain form, http beyond this machine, or no host name
 */
export function demoTarget(demoOrigin: string, host: string): EgressTarget {
  const url = URL.canParse(demoOrigin) ? new URL(demoOrigin) : undefined;
  const isHttps = url?.protocol === "https:";
  const isOwnHttp = url?.protocol === "http:" && isLoopbackOrigin(demoOrigin);
  if (url?.origin !== demoOrigin || !(isHttps || isOwnHttp) || !isPlainHostName(host)) {
    throw new InvalidInputError("This is not the demo's address.");
  }
  return make({ kind: "demo", origin: demoOrigin, host, basePath: `/${host}` });
}

/**
 * A server of an identity provider that the operator named: the issuer's own origin, or any host over
 * https on port 443 (large providers spread their endpoints over several).
 *
 * @param issuerOrigin - from the settings, where plain http was taken for this machine only
 * @throws {InvalidInputError} another port, plain http, or no host name
 */
export function issuerTarget(origin: string, issuerOrigin: string): EgressTarget {
  const host = URL.canParse(origin) ? new URL(origin).hostname : "";
  const isPlain =
    origin === `https://${host}` && isPlainHostName(host) && !isLoopbackOrigin(origin);
  if (!isPlain && origin !== issuerOrigin) {
    throw new InvalidInputError("This address is not one of the identity provider's.");
  }
  return make({ kind: "issuer", origin, host, basePath: "" });
}

/**
 * The operator's own collector of spans, wherever it stands: only an egress that was made for this origin
 * sends to it.
 *
 * @param origin - from the settings
 */
export function collectorTarget(origin: string): EgressTarget {
  return make({ kind: "collector", origin, host: new URL(origin).hostname, basePath: "" });
}
