import { NextRequest } from "next/server";
import { expect, test } from "vitest";
import { pagePolicy, securityHeaders } from "#lib/http/security-headers.ts";
import { proxy } from "../../proxy.ts";

const directive = (policy: string, name: string) =>
  policy.split("; ").find((part) => part.startsWith(`${name} `)) ?? "";

test("[WEB-7] in a page only scripts with this request's nonce run", () => {
  const script = directive(pagePolicy("N"), "script-src");
  expect(script).toBe("script-src 'self' 'nonce-N' 'strict-dynamic'");
  expect(pagePolicy("N")).not.toContain("unsafe-eval");
  expect(directive(pagePolicy("N"), "style-src")).not.toContain("unsafe-inline");
});

test("[WEB-7] no page is framed, moved to another base, made to post elsewhere, or loads plug-ins", () => {
  const policy = pagePolicy("N");
  expect(directive(policy, "frame-ancestors")).toBe("frame-ancestors 'none'");
  expect(directive(policy, "base-uri")).toBe("base-uri 'none'");
  expect(directive(policy, "form-action")).toBe("form-action 'self'");
  expect(directive(policy, "object-src")).toBe("object-src 'none'");
  expect(directive(policy, "connect-src")).toBe("connect-src 'self'");
});

test("[WEB-7] strict transport is promised over https only", () => {
  expect(securityHeaders("https://studio.example")["strict-transport-security"]).toContain(
    "max-age=",
  );
  expect(securityHeaders("http://localhost:3000")["strict-transport-security"]).toBeUndefined();
});

test.each([
  "/integrations",
  "/sign-in",
  "/nowhere",
  "/api/sessions",
  "/api/auth/csrf",
  "/auth/sfmc-callback",
])("[WEB-7] %s is answered with all security headers and may not be kept", (path) => {
  const headers = proxy(new NextRequest(`http://localhost:3000${path}`)).headers;
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
  expect(headers.get("cache-control")).toContain("no-store");
});

test("[WEB-7] each request has a nonce of its own, and a client cannot choose it", () => {
  const nonces = Array.from({ length: 50 }, () => {
    const request = new NextRequest("http://localhost:3000/integrations", {
      headers: { "x-nonce": "chosen", "content-security-policy": "script-src 'nonce-chosen'" },
    });
    const response = proxy(request);
    const passedOn = response.headers.get("x-middleware-request-x-nonce") ?? "";
    expect(response.headers.get("content-security-policy")).toContain(`'nonce-${passedOn}'`);
    expect(response.headers.get("x-middleware-request-content-security-policy")).toContain(
      passedOn,
    );
    return passedOn;
  });
  expect(new Set(nonces).size).toBe(50);
  expect(nonces).not.toContain("chosen");
});
