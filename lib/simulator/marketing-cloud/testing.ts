import { createHash } from "node:crypto";
import { simulatorClock } from "#lib/simulator/kit/clock.ts";
import { createFaults } from "#lib/simulator/kit/faults.ts";
import { seededRandom } from "#lib/simulator/kit/random.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { approve, type Send } from "./approve.ts";
import { demoMarketingCloud } from "./demo.ts";
import { createMarketingCloud, type MarketingCloudOptions } from "./provider.ts";
import { hostOf, type Role } from "./world.ts";

/** Halden Outdoor, as the tests know it. */
export const halden = {
  subdomain: "mcb4x7t2k9qh1rn8v3z6w0pd5cys",
  publicApp: "k3v9s1d7q2x5w8r4t6b0yzt4",
  webApp: "h4ld3nweb0pp5x2c8v1k7m9q",
  webSecret: "Wq8ZrT2mX5cV9bN1kL4pS7dF",
  server: "h4ld3ns2s7k2m9x4c6v8b1n3",
  serverSecret: "Hd4sY7uJ2kM9nB5vC8xZ1aQ6",
  callback: "https://studio.meshmesh.example/auth/sfmc-callback",
  portal: "https://portal.halden.example/callback",
  password: "Harbour-lantern-42",
  dana: "d.kowalczyk@halden",
  jonas: "j.makela@halden",
  rosa: "r.ortega@halden",
  mids: { parent: 514012345, nordics: 514012388, dach: 514012391, outlet: 514013006 },
} as const;

export type Answer = {
  status: number;
  headers: SimulatorResponse["headers"];
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a provider's JSON, read by tests
  json: any;
};

/** The provider without a server: requests by their true addresses, time that stands still. */
export function testCloud(options: MarketingCloudOptions = {}, seed = "test") {
  const clock = simulatorClock(Date.UTC(2026, 10, 2, 9));
  const faults = createFaults();
  const random = seededRandom(seed);
  const urlFor = (host: string) => `https://${host}`;
  const cloud = createMarketingCloud({ clock, faults, random, urlFor }, options);

  async function send(
    method: string,
    address: string,
    init: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> {
    const [, host = "", path = ""] = /^https:\/\/([^/?]+)(.*)$/s.exec(address) ?? [];
    const response = await cloud.handle({
      method,
      host,
      path: path || "/",
      headers: new Headers(init.headers),
      body: Buffer.from(init.body ?? ""),
      urlFor,
    });
    const text = response.body.toString();
    let json: unknown = null;
    try {
      json = JSON.parse(text);
    } catch {}
    return { status: response.status, headers: response.headers, text, json };
  }

  const url = (role: Role, path: string, subdomain: string = halden.subdomain) =>
    `https://${hostOf(subdomain, role)}${path}`;

  const asFetch: Send = async (address, init) => {
    const answer = await send(init.method, address, init);
    return {
      status: answer.status,
      headers: { get: (name) => [answer.headers[name] ?? null].flat()[0] ?? null },
      text: async () => answer.text,
    };
  };

  /** The authorize address with these parameters; `undefined` leaves one out. */
  function authorizeUrl(change: Record<string, string | undefined> = {}, subdomain?: string) {
    const given = {
      response_type: "code",
      client_id: halden.publicApp,
      redirect_uri: halden.callback,
      state: "s-1",
      ...change,
    };
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(given))
      if (value !== undefined) query.set(name, value);
    return url("auth", `/v2/authorize?${query}`, subdomain);
  }

  /** Signs in and comes back with the callback's query. */
  async function signIn(
    change: Record<string, string | undefined> = {},
    username: string = halden.dana,
    subdomain?: string,
  ): Promise<URLSearchParams> {
    const who = { username, password: halden.password };
    return new URL(await approve(authorizeUrl(change, subdomain), who, asFetch)).searchParams;
  }

  const token = (body: Record<string, unknown>, subdomain?: string) =>
    send("POST", url("auth", "/v2/token", subdomain), {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  const trade = (code: string | null, change: Record<string, unknown> = {}) =>
    token({
      grant_type: "authorization_code",
      client_id: halden.publicApp,
      redirect_uri: halden.callback,
      code,
      ...change,
    });

  const refresh = (refreshToken: string, change: Record<string, unknown> = {}) =>
    token({
      grant_type: "refresh_token",
      client_id: halden.publicApp,
      refresh_token: refreshToken,
      ...change,
    });

  const clientCredentials = (change: Record<string, unknown> = {}) =>
    token({
      grant_type: "client_credentials",
      client_id: halden.server,
      client_secret: halden.serverSecret,
      ...change,
    });

  /** From sign-in to a pair of tokens. */
  async function connect(
    change: Record<string, string | undefined> = {},
    username?: string,
    trading: Record<string, unknown> = {},
  ): Promise<{ access: string; refresh: string }> {
    const answer = await trade((await signIn(change, username)).get("code"), trading);
    if (answer.status !== 200) throw new Error(`token answered ${answer.status}: ${answer.text}`);
    return { access: answer.json.access_token, refresh: answer.json.refresh_token };
  }

  const bearer = (access: string) => ({ authorization: `Bearer ${access}` });
  const get = (access: string, path: string, subdomain?: string) =>
    send("GET", url("rest", path, subdomain), { headers: bearer(access) });
  /** A change at the REST host; what is sent is JSON. */
  const change = (access: string, method: string, path: string, body?: unknown) =>
    send(method, url("rest", path), {
      headers: {
        ...bearer(access),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const userinfo = (access: string, subdomain?: string) =>
    send("GET", url("auth", "/v2/userinfo", subdomain), { headers: bearer(access) });

  function soap(access: string, action: string, body: string, subdomain?: string) {
    return send("POST", url("soap", "/Service.asmx", subdomain), {
      headers: { "content-type": "text/xml", soapaction: action },
      body: `<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body>${body}</Body><Header><fueloauth xmlns="http://exacttarget.com">${access}</fueloauth></Header></Envelope>`,
    });
  }

  const retrieve = (
    access: string,
    objectType: string,
    properties: string[],
    more = "",
    subdomain?: string,
  ) =>
    soap(
      access,
      "Retrieve",
      `<RetrieveRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><RetrieveRequest><ObjectType>${objectType}</ObjectType>${properties.map((name) => `<Properties>${name}</Properties>`).join("")}${more}</RetrieveRequest></RetrieveRequestMsg>`,
      subdomain,
    );

  return {
    cloud,
    clock,
    faults,
    send,
    url,
    authorizeUrl,
    asFetch,
    signIn,
    token,
    trade,
    refresh,
    clientCredentials,
    connect,
    bearer,
    get,
    change,
    userinfo,
    soap,
    retrieve,
    demo: demoMarketingCloud,
  };
}

export const s256 = (verifier: string) => createHash("sha256").update(verifier).digest("base64url");

/** Dana of Halden, signed in to the parent, with short ways to read and to change. */
export async function connectedCloud(scope?: string, mid: number = halden.mids.parent) {
  const cloud = testCloud();
  const asked = scope === undefined ? {} : { scope };
  const { access } = await cloud.connect(asked, halden.dana, { account_id: mid });
  return {
    ...cloud,
    access,
    read: async (path: string) => (await cloud.get(access, path)).json,
    act: (method: string, path: string, body?: unknown) => cloud.change(access, method, path, body),
  };
}
