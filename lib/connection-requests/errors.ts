import type { RequestState } from "#lib/connection-requests/schema.ts";
import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** Its owner does not want to be asked by this agent. */
export class AskingNotAllowedError extends StudioError {
  readonly code = "connection_requests.not_allowed";
  readonly status = 403;
  readonly userMessage =
    "This agent may not ask for connections. Its owner gives it connections on the agent's page.";
  readonly remedy: Remedy = { do: "ask-admin" };
}

/** The agent asked for more than a person can look at. */
export class TooManyRequestsError extends StudioError {
  readonly code = "connection_requests.too_many";
  readonly status = 429;
  readonly userMessage: string;
  readonly remedy: Remedy;
  constructor(userMessage: string, afterSeconds: number) {
    super(userMessage);
    this.userMessage = userMessage;
    this.remedy = { do: "retry", afterSeconds };
  }
}

const overWords: Readonly<Record<Exclude<RequestState, "waiting">, string>> = {
  answered: "This request was answered already.",
  declined: "This request was declined already.",
  expired: "This request has run out. The agent asks again when it still needs the connection.",
};

/** Somebody answered it first, or time did. */
export class RequestOverError extends StudioError {
  readonly code = "connection_requests.over";
  readonly status = 409;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "none" };
  constructor(state: Exclude<RequestState, "waiting">) {
    super(`the request is ${state}`);
    this.userMessage = overWords[state];
  }
}
