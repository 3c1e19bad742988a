import { type Remedy, StudioError } from "#lib/core/errors.ts";

const RETRY_AFTER_SECONDS = 60;

/** A person, or this instance, has as many live streams as it may; pages ask by themselves meanwhile. */
export class TooManyStreamsError extends StudioError {
  readonly code = "live.too_many";
  readonly status = 429;
  readonly userMessage =
    "Too many pages are kept up to date at once. This one asks again by itself instead.";
  readonly remedy: Remedy = { do: "retry", afterSeconds: RETRY_AFTER_SECONDS };
}

/** This instance ends; the next one takes the stream. */
export class LiveStoppingError extends StudioError {
  readonly code = "studio.stopping";
  readonly status = 503;
  readonly userMessage = "The studio is restarting. The page connects again by itself.";
  readonly remedy: Remedy = { do: "retry", afterSeconds: 5 };
}
