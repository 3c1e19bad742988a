import {
  again,
  comeBackLater,
  differently,
  otherEnvironments,
  otherMethods,
  registerRedirect,
  scopesStep,
  step,
} from "#lib/grants/decoder/steps.ts";
import type { ReasonTable } from "#lib/grants/decoder/words.ts";

/** How the app or package is set up: what its owner can mend. */
export const appReasons = {
  redirect_uri_mismatch: (w) => ({
    title: "The address to come back to is not registered",
    cause: `${w.label} only returns people to addresses that the ${w.app} lists, and the studio's is not among them.`,
    steps: [registerRedirect(w), comeBackLater(w)],
  }),

  missing_scope: (w) => ({
    title: "The app does not allow what was asked for",
    cause: `${w.label} refused all scopes that were asked for, since at least one is not enabled on the ${w.app}.`,
    steps: [scopesStep(w), comeBackLater(w)],
  }),

  app_not_found: (w) => ({
    title: w.isMarketingCloud
      ? "Marketing Cloud does not know this Client ID"
      : "Salesforce does not know this app",
    cause: w.isMarketingCloud
      ? "Either the package was made minutes ago, or the Client ID belongs to another tenant, or a character went missing."
      : "Either the app was made minutes ago, or the Client ID belongs to another environment, or a character went missing.",
    steps: [
      step(
        "Just made? Wait a moment",
        w.isMarketingCloud
          ? "A new package answers after up to 5 minutes."
          : "A new app answers after 2 to 10 minutes.",
        {
          do: "wait",
          label: "Ready to try",
          fromSeconds: 120,
          toSeconds: w.isMarketingCloud ? 300 : 600,
        },
        again,
      ),
      {
        title: "Compare the Client ID",
        text: w.isSalesforce
          ? "Salesforce calls it Consumer Key. Copy it whole."
          : "It stands in the package's API Integration.",
        ...(w.clientId ? { code: w.clientId } : {}),
        actions: [differently(w, "Use another Client ID")],
      },
      ...(w.isSalesforce
        ? [
            step(
              "Check the environment",
              "An app made in a sandbox is unknown in production, and the other way round.",
              ...otherEnvironments(w),
            ),
          ]
        : []),
    ],
  }),

  client_rejected: (w) => ({
    title: w.isMarketingCloud
      ? "Marketing Cloud refused the package"
      : "The Client Secret does not fit",
    cause: w.isMarketingCloud
      ? "The package wants a secret. A Public App has none; this one is likely a Web App or Server-to-Server integration."
      : w.method === "custom-app"
        ? "Salesforce knows the app but refused its secret: it is missing, was changed since, or a character went missing."
        : "Salesforce knows the app but refused its secret. The operator of this studio set it.",
    steps: [
      w.isMarketingCloud
        ? step(
            "Use a Public App",
            "The type of an integration cannot be changed, so this takes a new package with Public App chosen.",
            differently(w, "Enter the new Client ID"),
          )
        : w.method === "custom-app"
          ? step(
              "Enter the secret again",
              "Copy Consumer Key and Consumer Secret from the app in one go.",
              differently(w, "Enter both again"),
            )
          : step(
              "Tell the operator of this studio",
              "SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET have to come from the same app.",
              {
                do: "copy",
                label: "Copy for the operator",
                text: "Salesforce refuses the studio's client secret (client_rejected). Please compare SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET with the app.",
              },
              ...otherMethods(w),
            ),
    ],
  }),

  grant_type_refused: (w) => ({
    title: "The app does not offer this kind of sign-in",
    cause: `The studio signs people in with the authorization code flow, and the ${w.app} is not set up for it.`,
    steps: [
      w.isMarketingCloud
        ? step(
            "Use a Public App",
            "Add Component › API Integration › Public App, in a new package: the type of an integration cannot be changed.",
            differently(w, "Enter the new Client ID"),
          )
        : step(
            "Allow the authorization code flow",
            "Setup › External Client App Manager › the app › Settings › OAuth: tick the authorization code and credentials flow for web servers.",
            w.forAdmin("Please allow the authorization code flow (web server flow) on the app."),
            again,
          ),
      ...(w.isSalesforce
        ? [
            step(
              "Check the environment",
              "The wrong sign-in host looks the same.",
              ...otherEnvironments(w),
            ),
          ]
        : []),
    ],
  }),

  pkce_required: (w) => ({
    title: "The app wants PKCE, and this connection leaves it out",
    cause:
      "The connection was made with “This app refuses PKCE”. The app, or its org, asks for the proof key.",
    steps: [
      step(
        "Make the connection again with PKCE",
        "Leave the advanced switch alone: the studio then sends S256 as usual.",
        differently(w, "Connect with PKCE"),
      ),
    ],
  }),

  pkce_refused: (w) => ({
    title: w.isMarketingCloud
      ? "Marketing Cloud refused the proof key"
      : "The app refused the proof key",
    cause:
      "The studio protects every sign-in with PKCE (S256), and the answer shows that this app does not know it.",
    steps: [
      step(
        w.isMarketingCloud ? "Check the integration type" : "Use an app that knows PKCE",
        w.isMarketingCloud
          ? "The package needs a Public App integration. Other types can answer like this."
          : "Every External Client App does. An app of an older kind is best replaced by one.",
        ...(w.isMarketingCloud
          ? [differently(w, "Enter another Client ID"), again]
          : [differently(w, "Enter another app"), ...otherMethods(w)]),
      ),
    ],
  }),

  no_refresh_token: (w) => ({
    title: "The provider gave no lasting access",
    cause: w.isMarketingCloud
      ? "The answer had no refresh token. The scope offline is not enabled on the package."
      : "The answer had no refresh token. The scope refresh_token is not enabled on the app, or its policy ends tokens at once.",
    steps: [
      {
        title: w.isMarketingCloud
          ? "Tick Offline Access in the package"
          : "Add the scope to the app",
        text: w.isMarketingCloud
          ? "Setup › Platform Tools › Apps › Installed Packages › the package › API Integration › Access: Offline."
          : "“Perform requests at any time (refresh_token, offline_access)”, and a refresh token policy that keeps it valid.",
        code: w.isMarketingCloud ? "offline" : "refresh_token offline_access",
        actions: [
          w.forAdmin(
            w.isMarketingCloud
              ? "Please tick Offline Access (offline) in the package's API Integration."
              : "Please add the scope “Perform requests at any time (refresh_token, offline_access)” to the app, and check its refresh token policy.",
          ),
        ],
      },
      comeBackLater(w),
    ],
  }),
} satisfies ReasonTable;
