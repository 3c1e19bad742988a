import {
  differently,
  reconnect,
  scopeCopies,
  scopesStep,
  step,
  toIntegrations,
} from "#lib/grants/decoder/steps.ts";
import type { ReasonTable } from "#lib/grants/decoder/words.ts";

/** What a call with a live connection was answered. */
export const apiReasons = {
  api_bad_request: (w) => ({
    title: "The request was not understood",
    cause: `${w.label} found a field missing, misspelt or of the wrong kind.`,
    steps: [
      step(
        "Compare the request with the provider's documentation",
        "It lists each call with the names and types of its fields.",
        {
          do: "visit",
          label: "Open the API documentation",
          href: w.isMarketingCloud
            ? "https://developer.salesforce.com/docs/marketing/marketing-cloud/guide/apis-overview.html"
            : "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm",
        },
      ),
    ],
  }),

  api_unauthorized: (w) => ({
    title: "The session was not accepted",
    cause: "The access token ended, or the call is outside what it covers.",
    steps: [step("Reconnect", `Sign in once more to ${w.name}.`, reconnect)],
  }),

  api_forbidden: (w) => ({
    title: "The call is not allowed",
    cause: w.isMarketingCloud
      ? "The package lacks a scope for it, or your user lacks the permission in this business unit."
      : "The app lacks a scope for it, or your user lacks the permission in this org.",
    steps: [
      { ...scopesStep(w), actions: scopeCopies(w) },
      step(
        w.isMarketingCloud ? "Compare your user's roles" : "Compare your user's permissions",
        w.isMarketingCloud
          ? "Setup › Users › the user › Roles. A token can do what both the package and the user may."
          : "Setup › Users › the user › Profile and Permission Sets. A token can do what both the app and the user may.",
        w.forAdmin("A call through our connection is refused with 403. Please compare my rights."),
      ),
      step("Reconnect afterwards", "New scopes come with a new sign-in.", reconnect),
    ],
  }),

  api_not_found: (w) => ({
    title: "Nothing was found at that address",
    cause: w.isMarketingCloud
      ? "The base URI belongs to another tenant, or the record is gone or in another business unit."
      : "The API version is not known there, or the record is gone or hidden from your user.",
    steps: [
      step(
        w.isMarketingCloud ? "Compare the subdomain with the package" : "Compare host and id",
        w.isMarketingCloud
          ? "The package's API Integration shows the base URIs. This connection has to have the same."
          : "Both stand on the connection's page.",
        ...(w.isMarketingCloud ? [differently(w, "Correct the base URI")] : []),
        ...(w.connectionId
          ? [
              {
                do: "link",
                label: "Open the connection",
                href: `/integrations/${w.connectionId}`,
              } as const,
            ]
          : [toIntegrations]),
      ),
    ],
  }),
} satisfies ReasonTable;
