/**
 * What the studio knows of the demo's servers, as a team would of a provider's: hosts and client ids.
 * A test holds these against the demo itself.
 */
export const demoSalesforce = {
  name: "Demo org",
  loginHost: "login.salesforce.com",
  clientId: "3MVG9NorthpineDemoQuickConnect.studio.public.app.0001",
  scopes: ["api", "refresh_token", "offline_access"],
} as const;

export const demoMarketingCloud = {
  name: "Demo Marketing Cloud",
  company: "Northpine Outfitters",
  subdomain: "mcn0rthp1ne7demo4w2k9t6y3x1q",
  clientId: "n0rthp1ne0demopub1ic0app",
  accountIds: [
    { mid: 100000001, name: "Northpine Outfitters" },
    { mid: 100000014, name: "Northpine Stores" },
    { mid: 100000027, name: "Northpine Loyalty" },
    { mid: 100000039, name: "Northpine Wholesale" },
  ],
} as const;
