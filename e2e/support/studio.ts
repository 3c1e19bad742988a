import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";

/** `E2E_PORT` lets a second checkout on the same machine run its journeys too. */
export const studioPort = Number(process.env.E2E_PORT ?? 3210);
const DEMO_PORT_DISTANCE = 100;
/** Where the providers' true host names are answered. */
export const providersTlsPort = studioPort + 2 * DEMO_PORT_DISTANCE;
export const studioUrl = `http://localhost:${studioPort}`;
export const demoUrl = `http://localhost:${studioPort + DEMO_PORT_DISTANCE}`;
/** The identity provider that runs beside the studio, and the studio's account with it. */
export const issuerPort = studioPort + 3 * DEMO_PORT_DISTANCE;
export const issuerUrl = `http://localhost:${issuerPort}`;
export const oidcClient = {
  OIDC_CLIENT_ID: "studio-in-the-journeys",
  OIDC_CLIENT_SECRET: "shared-with-the-issuer-of-the-journeys",
} as const;
/** As the simulator makes the secrets of its apps. */
export const salesforceSecret = createHash("sha256")
  .update(`secret of ${demoSalesforce.signInClientId}`)
  .digest("hex")
  .toUpperCase();

const folder = path.resolve(".cache/e2e");
export const dataDir = path.join(folder, "data");
/** Everything the studio prints. */
export const studioLog = () => readFileSync(path.join(folder, "studio.log"), "utf8");
/** Stands in every error that a journey makes the studio log; any other is a defect. */
export const meantTrouble = "a journey means this to fail";
/** The first owner's signed-in browser, as the set-up left it. */
export const ownerState = path.join(folder, "owner.json");
/** Pictures to look at after a run; no test reads them. */
export const picturesDir = path.resolve(".cache/e2e-pictures");

export const owner = {
  name: "Robin Sandoval",
  email: "robin@studio.example",
  teamName: "Example team",
  password: "quiet lantern over nine harbours",
} as const;

/** The one-time code that the server printed. */
export function setUpCode(): string {
  const code = /with this one-time code: (\S+)/.exec(studioLog())?.[1];
  if (code === undefined) throw new Error("the server printed no one-time code");
  return code;
}

/** The session cookie of the first owner's browser, as a `Cookie` header. */
export function ownerCookie(): string {
  const state = JSON.parse(readFileSync(ownerState, "utf8")) as {
    cookies: { name: string; value: string; domain: string }[];
  };
  return state.cookies
    .filter(({ name }) => name.startsWith("__Host-studio"))
    .map(({ name, value }) => `${name}=${value}`)
    .join("; ");
}
