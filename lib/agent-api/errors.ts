import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** No credential, or none that counts: unknown, wrong, ended and revoked ones are not told apart. */
export class NotAuthenticatedError extends StudioError {
  readonly code = "agents.not_authenticated";
  readonly status = 401;
  readonly userMessage =
    "Send a live agent key as bearer token. Its owner can make one on the agent's page.";
  readonly remedy: Remedy = { do: "fix-input" };
  /** Something came as credential (RFC 6750 §3.1 tells the two apart). */
  readonly hadCredential: boolean;
  constructor(hadCredential: boolean) {
    super(hadCredential ? "the credential does not count" : "no credential");
    this.hadCredential = hadCredential;
  }
}

/** A lease's token opens the proxy of its own connection, and nothing else. */
export class AgentKeyNeededError extends StudioError {
  readonly code = "agents.key_needed";
  readonly status = 403;
  readonly userMessage = "A lease token works at its proxy address alone. Send the agent key here.";
  readonly remedy: Remedy = { do: "fix-input" };
}
