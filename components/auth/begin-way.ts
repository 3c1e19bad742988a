import { ApiProblem } from "#components/ui/api.ts";
import type { OfferedWay } from "#lib/auth/schema.ts";

/**
 * Leaves for an identity provider. The studio notes in this browser that it went, and for what.
 *
 * @throws {ApiProblem} the provider does not answer, say; the page stays as it is
 */
export async function beginWay(
  way: OfferedWay["id"],
  fields: { intent: "sign-in" | "link"; returnTo: string },
): Promise<void> {
  const csrf = await answerOf(await fetch("/api/auth/csrf"));
  const answer = await answerOf(
    await fetch(`/api/auth/signin/${way}`, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({ ...fields, csrfToken: String(csrf.csrfToken ?? "") }),
    }),
  );
  const url = new URL(String(answer.url));
  if (!/^https?:$/.test(url.protocol)) throw new TypeError("not a web address");
  window.location.assign(url);
}

async function answerOf(response: Response): Promise<Record<string, unknown>> {
  const body = (await response.json().catch(() => null)) as Record<string, unknown> | null;
  if (!response.ok || body === null) throw new ApiProblem(response.status, body);
  return body;
}
