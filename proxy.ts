import { type NextRequest, NextResponse } from "next/server";
import { processEnv } from "#lib/core/env.ts";
import { dataPolicy, pagePolicy, securityHeaders } from "#lib/http/security-headers.ts";

const NONCE_BYTES = 16;
let settings: { studioUrl: string; isDevelopment: boolean } | undefined;

/**
 * Headers for what Next answers: a nonce for each request and the policies (WEB-7). It decides nothing
 * about who may see what: each page and route does that itself (WEB-4).
 */
export function proxy(request: NextRequest): NextResponse {
  settings ??= readSettings();
  const { pathname, search } = request.nextUrl;
  const isData = pathname === "/api" || pathname.startsWith("/api/");
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(NONCE_BYTES))).toString("base64");
  const policy = isData ? dataPolicy : pagePolicy(nonce, settings);

  const headers = new Headers(request.headers);
  headers.set("x-studio-path", `${pathname}${search}`);
  headers.delete("x-nonce");
  if (!isData) {
    headers.set("x-nonce", nonce);
    headers.set("content-security-policy", policy);
  }
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  for (const [name, value] of Object.entries(securityHeaders(settings.studioUrl))) {
    response.headers.set(name, value);
  }
  // Nothing of one person is kept for another (TEN-8).
  response.headers.set("cache-control", "private, no-store");
  return response;
}

function readSettings() {
  const { studioUrl, mode } = processEnv();
  return { studioUrl, isDevelopment: mode === "development" };
}

// Built files carry no data of anybody; next.config.ts gives them their headers.
export const config = { matcher: ["/((?!_next/static/).*)"] };
