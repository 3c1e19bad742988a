import {
  otherMethods,
  registerHint,
  startOver,
  step,
  toIntegrations,
} from "#lib/grants/decoder/steps.ts";
import type { ReasonTable } from "#lib/grants/decoder/words.ts";

/** The sign-in itself: its time, its browser, its one use. */
export const flowReasons = {
  cli_required: (w) => ({
    title: "This connection signs in on a computer, not in the browser",
    cause: w.isMarketingCloud
      ? "Its package returns people to the desktop companion only. A browser alone cannot end that sign-in."
      : "Its app returns people to localhost:1717, where the Salesforce CLI or the desktop companion listens. A browser alone cannot end that sign-in.",
    steps: [
      step(
        w.isMarketingCloud ? "Connect with a web redirect URI" : "Use another method",
        w.isMarketingCloud
          ? "A package takes up to ten redirect URIs: add the studio's own, and choose Web."
          : "Its sign-in ends right here, in the browser.",
        ...(w.isMarketingCloud
          ? [
              {
                do: "link",
                label: "Connect on the web",
                href: w.wizard({ surface: "web" }),
              } as const,
            ]
          : otherMethods(w, { without: "quick", surface: "web" })),
      ),
      step("Or keep it for the desktop", "The companion connects it from that computer."),
    ],
  }),

  code_expired: (w) => ({
    title: "The sign-in took too long to hand over",
    cause: `The code from ${w.isMarketingCloud ? "Marketing Cloud lives 5 minutes" : "the provider lives a few minutes"} and counts once. This one was late or already used.`,
    steps: [startOver(w, "A new code comes with a new sign-in.")],
  }),

  flow_expired: (w) => ({
    title: "This sign-in ran out of time",
    cause: "A sign-in stays open for 10 minutes. Nothing was connected, nothing was lost.",
    steps: [startOver(w, "It begins afresh, with ten new minutes."), registerHint(w)],
  }),

  flow_not_yours: () => ({
    title: "This sign-in was begun elsewhere",
    cause:
      "A sign-in ends only in the browser and by the person who began it. It was left untouched, so it can still end there.",
    steps: [
      step(
        "Go back to the browser where you pressed Connect",
        "Or connect from here, as yourself.",
        toIntegrations,
      ),
      step(
        "Did somebody send you the link?",
        "Then do not sign in through it. Your own Connect button makes your own link.",
      ),
    ],
  }),

  flow_unknown: () => ({
    title: "No sign-in belongs to this address",
    cause: "It may be an old bookmark, or the sign-in ended long ago and was cleared away.",
    steps: [
      step("Connect from the list", "Each Connect button makes a fresh sign-in.", toIntegrations),
    ],
  }),

  flow_interrupted: (w) => ({
    title: "The sign-in broke off on our side",
    cause:
      "The studio stopped between the sign-in and its confirmation. A code is never sent twice, so this one is not reused.",
    steps: [startOver(w, "You may be signed in over there already, then it takes one click.")],
  }),

  cancelled: () => ({
    title: "You cancelled this sign-in",
    cause: "Nothing was connected. The connection is still there with its details.",
    steps: [
      step(
        "Carry on when you like",
        "The details are kept.",
        { do: "again", label: "Connect" },
        toIntegrations,
      ),
    ],
  }),

  definition_changed: (w) => ({
    title: "The connection changed while you signed in",
    cause:
      "Its host, app or business unit is not what it was when the sign-in began, so the answer was not used.",
    steps: [startOver(w, "The new sign-in uses the details as they are now.")],
  }),
} satisfies ReasonTable;
