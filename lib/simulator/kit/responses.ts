import type { SimulatorRequest, SimulatorResponse } from "#lib/simulator/kit/types.ts";

export const json = (
  status: number,
  value: unknown,
  headers: SimulatorResponse["headers"] = {},
): SimulatorResponse => ({
  status,
  headers: { "content-type": "application/json;charset=UTF-8", ...headers },
  body: JSON.stringify(value),
});

export const text = (
  status: number,
  body: string,
  headers: SimulatorResponse["headers"] = {},
): SimulatorResponse => ({
  status,
  headers: { "content-type": "text/plain;charset=UTF-8", ...headers },
  body,
});

export const html = (
  status: number,
  body: string,
  headers: SimulatorResponse["headers"] = {},
): SimulatorResponse => ({
  status,
  headers: {
    "content-type": "text/html;charset=UTF-8",
    "cache-control": "no-store",
    // No form-action: it would also bind the redirect to the app's callback after a form is sent.
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    ...headers,
  },
  body,
});

export const empty = (
  status: number,
  headers: SimulatorResponse["headers"] = {},
): SimulatorResponse => ({ status, headers, body: "" });

export const redirect = (
  location: string,
  headers: SimulatorResponse["headers"] = {},
): SimulatorResponse => ({
  status: 302,
  headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer", ...headers },
  body: "",
});

/** Path and query apart; doubled slashes made single, as the providers tolerate them. */
export function splitPath(path: string): { pathname: string; query: URLSearchParams } {
  const at = path.indexOf("?");
  return {
    pathname: (at < 0 ? path : path.slice(0, at)).replace(/\/{2,}/g, "/") || "/",
    query: new URLSearchParams(at < 0 ? "" : path.slice(at + 1)),
  };
}

/** The media type without parameters, lower case; "" when the header is absent. */
export const mediaType = (request: SimulatorRequest): string =>
  (request.headers.get("content-type")?.split(";")[0] ?? "").trim().toLowerCase();

export const formOf = (request: SimulatorRequest): URLSearchParams =>
  new URLSearchParams(request.body.toString("utf8"));

export function cookieOf(request: SimulatorRequest, name: string): string | undefined {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const [key, ...value] = part.trim().split("=");
    if (key === name) return value.join("=");
  }
  return undefined;
}

/** A cookie bound to the request's host; on loopback, where hosts are folders, to its folder. */
export function setCookie(
  request: SimulatorRequest,
  name: string,
  value: string,
  maxAgeSeconds?: number,
): string {
  const base = new URL(request.urlFor(request.host));
  const path = base.pathname === "" ? "/" : base.pathname;
  const secure = base.protocol === "https:" ? "; Secure" : "";
  const age = maxAgeSeconds === undefined ? "" : `; Max-Age=${maxAgeSeconds}`;
  return `${name}=${value}; Path=${path}; HttpOnly; SameSite=Lax${secure}${age}`;
}

/** `Authorization: Basic` taken apart as RFC 6749 §2.3.1 says; null when absent or malformed. */
export function basicCredentials(request: SimulatorRequest): { id: string; secret: string } | null {
  const match = /^basic\s+([A-Za-z0-9+/=_-]+)$/i.exec(request.headers.get("authorization") ?? "");
  if (!match) return null;
  const plain = Buffer.from(match[1] as string, "base64").toString("utf8");
  const at = plain.indexOf(":");
  if (at < 0) return null;
  const decode = (value: string) => new URLSearchParams(`v=${value}`).get("v") ?? "";
  return { id: decode(plain.slice(0, at)), secret: decode(plain.slice(at + 1)) };
}
