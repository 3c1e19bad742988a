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
