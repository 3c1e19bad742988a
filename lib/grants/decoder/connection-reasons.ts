import { again, reconnect, step, toIntegrations } from "#lib/grants/decoder/steps.ts";
import type { ReasonTable } from "#lib/grants/decoder/words.ts";

/** A connection that stood, and does no longer. */
export const connectionReasons = {
  reconnect_required: (w) => ({
    title: `${w.label} no longer accepts this connection`,
    cause: w.isMarketingCloud
      ? "Its refresh token ended: after 30 days without use, after a change to the package, or because access was withdrawn."
      : "Its refresh token ended: after a password change or a long pause, by the app's policy, or because access was withdrawn.",
    steps: [
      step(
        "Reconnect",
        "Sign in once more. Agents, plans and history stay as they are.",
        reconnect,
      ),
    ],
  }),

  refresh_interrupted: (w) => ({
    title: "A refresh broke off halfway",
    cause: `${w.label} was asked for a new token, and its answer never arrived: the connection or the studio went down in that moment. The one further try was refused, so the token was spent by the first.`,
    steps: [
      step(
        "Reconnect",
        "Sign in once more. Agents, plans and history stay as they are.",
        reconnect,
      ),
    ],
  }),

  grant_pushed_out: (w) => ({
    title: "A newer sign-in pushed this one out",
    cause:
      "Salesforce keeps five approvals per user and app, and drops the oldest when a sixth comes.",
    steps: [
      step("Reconnect", "This makes it the newest.", reconnect),
      step(
        "Let unused ones go",
        "Your settings in Salesforce › OAuth Connected Apps lists them. An app of your own has its own five.",
        { do: "link", label: "Use your own app", href: w.wizard({ method: "custom-app" }) },
      ),
    ],
  }),

  feature_not_enabled: (w) => ({
    title: `Connected, but the ${w.place} lacks a feature`,
    cause: `The sign-in is fine. What was called is not enabled in the ${w.place}, or your user has no licence for it.`,
    steps: [
      step(
        "Ask an admin to enable it",
        "Setup names the features; some are bought separately.",
        w.forAdmin(
          "Our connection works, but a feature it calls is not enabled or not licensed for my user.",
        ),
      ),
      step("Everything else works", "Agents are told which calls are closed.", toIntegrations),
    ],
  }),

  api_limit_reached: (w) => ({
    title: "The org has used up its API calls",
    cause:
      "Salesforce counts the calls of all apps over 24 hours. Until some fall out of that window, it refuses more.",
    steps: [
      step(
        "See what uses them",
        "Setup › Company Information shows the count, Setup › API Usage the apps.",
        w.forAdmin("The org's API request limit is reached. Please see which app uses it up."),
      ),
      step("Try again later", "The connection itself is fine.", again),
    ],
  }),

  unreadable_secret: (w) => ({
    title: "The studio cannot open what it stored",
    cause:
      "The key that sealed this connection's secret is not in the studio's key ring, or the stored value is damaged.",
    steps: [
      step(
        "Tell the operator of this studio",
        "The missing key may be in a backup of VAULT_KEYS or of the data folder.",
        {
          do: "copy",
          label: "Copy for the operator",
          text: "A stored secret cannot be opened (unreadable_secret). Please run: npm run studio -- doctor",
        },
      ),
      step("Or reconnect", `Signing in again to ${w.name} stores a new one.`, reconnect),
    ],
  }),
} satisfies ReasonTable;
