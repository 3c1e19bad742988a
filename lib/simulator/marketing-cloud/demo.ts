import { hostOf } from "./world.ts";

/**
 * What the studio's settings and the demo connection name. The demo package is the only one that may
 * register loopback callbacks (`allowsLoopbackRedirects`): the vendor takes none.
 */
const subdomain = "mcn0rthp1ne7demo4w2k9t6y3x1q";

export const demoMarketingCloud = {
  company: "Northpine Outfitters",
  subdomain,
  authHost: hostOf(subdomain, "auth"),
  restHost: hostOf(subdomain, "rest"),
  soapHost: hostOf(subdomain, "soap"),
  clientId: "n0rthp1ne0demopub1ic0app",
  enterpriseId: 100000001,
  mids: { parent: 100000001, stores: 100000014, loyalty: 100000027, wholesale: 100000039 },
  users: {
    maya: "maya@demo.example",
    jonas: "jonas@demo.example",
    priya: "priya@demo.example",
    /** In the parent, the stores and Canada only. */
    lena: "lena@demo.example",
  },
} as const;

/** Callbacks of a studio that runs with its default settings. */
export const defaultDemoRedirectUris: readonly string[] = [
  "http://localhost:3000/auth/sfmc-callback",
  "http://127.0.0.1:3000/auth/sfmc-callback",
];
