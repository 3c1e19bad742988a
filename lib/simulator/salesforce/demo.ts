/**
 * The demo's Salesforce: one made-up company whose people anyone may be, and the app that the studio
 * uses there. The studio knows it as just another host with a client id.
 */
export const demoSalesforce = {
  company: "Northpine Outfitters",
  loginHost: "login.salesforce.com",
  host: "northpine.my.salesforce.com",
  sandboxLoginHost: "test.salesforce.com",
  sandboxHost: "northpine--staging.sandbox.my.salesforce.com",
  /** Consumer key of a packaged, public app: PKCE required, rotation on, no secret. */
  clientId: "3MVG9NorthpineDemoQuickConnect.studio.public.app.0001",
  /** Consumer key of the app that people sign in to the studio with: confidential, identity scopes only. */
  signInClientId: "3MVG9NorthpineStudioSignIn.identity.app.00000000001",
  users: {
    maya: "maya.lindqvist@northpine.example",
    theo: "theo.brandt@northpine.example",
    ines: "ines.okafor@northpine.example",
  },
  /** Browser callback of the studio, and the command line's on loopback. */
  callbacks: (studioUrl: string): string[] => [
    `${studioUrl.replace(/\/$/, "")}/auth/salesforce-callback`,
    "http://localhost:1717/OauthRedirect",
  ],
} as const;
