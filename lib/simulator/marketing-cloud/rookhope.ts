import { hostOf } from "./world.ts";

/**
 * Rookhope Rail's tenant: packages and people with one thing wrong each. Like the demo's they have the
 * studio's callback wherever it runs, so that a browser can walk into each.
 */
const subdomain = "mcr00kh0pera1l5t7v9x2z4b6n8q";

export const rookhopeCloud = {
  subdomain,
  authHost: hostOf(subdomain, "auth"),
  mids: { parent: 548000017, freight: 548000023 },
  users: {
    /** Nothing stands in her way. */
    admin: "ada@rookhope",
    /** In one business unit only. */
    freight: "fred@rookhope",
    /** Her roles allow no content. */
    noContent: "gwen@rookhope",
    unlicensed: "hal@rookhope",
  },
  packages: {
    sound: "r00kh0pes0undpub1ic0app1",
    /** A Web App: wants a secret that the studio never has. */
    webApp: "r00kh0peweb0app0secret02",
    serverToServer: "r00kh0peserver2server003",
  },
} as const;
