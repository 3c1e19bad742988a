import { again, differently, step, toIntegrations } from "#lib/grants/decoder/steps.ts";
import type { ReasonTable } from "#lib/grants/decoder/words.ts";

/** The way to the provider, and what came back over it. */
export const providerReasons = {
  connection_timeout: (w) => ({
    title: `${w.label} did not answer in time`,
    cause: `The studio waited for ${w.host ?? "the host"} and gave up. A firewall or proxy in between looks the same.`,
    steps: [
      step("Try again", "Nothing was lost.", again),
      step("Does it stay like this?", "Have the network opened for outgoing https to the host.", {
        do: "copy",
        label: "Copy for the operator",
        text: `MeshMesh Studio gets no answer from ${w.host ?? "the provider's host"} (port 443). Please check firewall and proxy.`,
      }),
    ],
  }),

  provider_down: (w) => ({
    title: `${w.label} is not answering right now`,
    cause: "It reported trouble of its own or is in maintenance. Nothing was lost.",
    steps: [
      step(
        "Try again in a minute",
        "Connections that exist keep working once it is back.",
        again,
        ...(w.provider
          ? [
              {
                do: "visit",
                label: "See its status page",
                href: w.isMarketingCloud
                  ? "https://status.salesforce.com/products/Marketing_Cloud"
                  : "https://status.salesforce.com",
              } as const,
            ]
          : []),
      ),
    ],
  }),

  rate_limited: (w) => ({
    title: "Too many sign-ins in a short time",
    cause: `${w.label} counts sign-ins per user and hour, and the limit is reached. Scripts that share the user count too.`,
    steps: [
      step(
        "Wait a little",
        "The count falls by itself.",
        { do: "wait", label: "Ready to try", fromSeconds: 60, toSeconds: 900 },
        again,
      ),
    ],
  }),

  answer_not_trusted: (w) => ({
    title: "The answer did not fit what was asked",
    cause: `What came back named addresses outside ${w.isMarketingCloud ? "this tenant" : "the provider"}, or lacked parts it must have. The studio did not use it.`,
    steps: [
      step(
        "Check host and tenant of the connection",
        "Then start again.",
        differently(w, "Check the details"),
        again,
      ),
      step(
        "Seen twice?",
        "Tell the operator of this studio: something between may be changing answers.",
        {
          do: "copy",
          label: "Copy for the operator",
          text: `A token answer from ${w.host ?? "the provider"} was refused (answer_not_trusted).`,
        },
      ),
    ],
  }),

  server_error: (w) => ({
    title: "Something went wrong in the studio",
    cause: "It is written down with its request id. Nothing was connected by halves.",
    steps: [
      step(
        "Try again",
        "If it stays, tell the operator of this studio, with the details below.",
        again,
        ...(w.connectionId ? [] : [toIntegrations]),
      ),
    ],
  }),
} satisfies ReasonTable;
