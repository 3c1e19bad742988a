import { type Remedy, StudioError } from "#lib/core/errors.ts";

/**
 * A sealed value does not open: cut, changed, moved to another place, or its key is not here. Why is
 * not told, so that nobody learns from the answer (VA-3). It is the state of that one row (VA-12).
 */
export class UnreadableSecretError extends StudioError {
  readonly code = "vault.unreadable";
  readonly status = 409;
  readonly userMessage = "The stored credential cannot be read.";
  readonly remedy: Remedy = { do: "ask-admin" };
  constructor() {
    super("sealed value does not open");
  }
}

/** True for an `UnreadableSecretError` of any copy of this module; Next's entries have their own. */
export function isUnreadable(error: unknown): error is UnreadableSecretError {
  return error instanceof Error && "code" in error && error.code === "vault.unreadable";
}

/** The source of keys does not answer. Nothing was opened or sealed; the same call may be repeated. */
export class KeySourceUnavailableError extends StudioError {
  readonly code = "vault.keys_unavailable";
  readonly status = 503;
  readonly userMessage = "The studio cannot reach its encryption keys just now.";
  readonly remedy: Remedy = { do: "retry", afterSeconds: 5 };
}

/** A key version has wrapped as often as it safely may (VA-8); a new version must become active. */
export class KeyExhaustedError extends StudioError {
  readonly code = "vault.key_exhausted";
  readonly status = 503;
  readonly userMessage =
    "The studio's encryption key must be renewed before anything can be stored.";
  readonly remedy: Remedy = { do: "ask-admin" };
  constructor(keyId: string) {
    super(`key ${keyId} has reached its limit of wraps; rotate VAULT_KEYS`);
  }
}

/** A key is missing or unfit (VA-4). Names the setting, never the value. The studio must not start. */
export class KeyConfigurationError extends StudioError {
  readonly code = "vault.key_configuration";
  readonly status = 500;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "ask-admin" };
  readonly setting: string;
  constructor(setting: string, problem: string) {
    super(`${setting}: ${problem}`);
    this.setting = setting;
    this.userMessage = `${setting}: ${problem}`;
  }
}
