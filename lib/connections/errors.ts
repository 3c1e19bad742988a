import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** The method needs an app that the operator has not set up. */
export class AppNotConfiguredError extends StudioError {
  readonly code = "connections.app_not_configured";
  readonly status = 409;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "ask-admin" };
  constructor(setting: string) {
    super(`no app for this method: ${setting} is not set`);
    this.userMessage = `This way needs an app of the studio's own. Ask the operator to set ${setting}, or choose another way.`;
  }
}

/** Somebody else edited the definition since it was read; nothing of this edit is stored. */
export class ChangedMeanwhileError extends StudioError {
  readonly code = "connections.changed_meanwhile";
  readonly status = 409;
  readonly userMessage =
    "Somebody changed this connection while you were editing. Nothing of yours was saved.";
  readonly remedy: Remedy = { do: "fix-input" };
}
