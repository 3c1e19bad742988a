/** Sends one request without following redirects, by whichever way a test has. */
export type Send = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<{
  status: number;
  headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

/**
 * Walks the login pages like a person with a fresh browser.
 *
 * @param password - left out: chosen from the list, as the demo tenant offers
 * @returns the address that the browser would be sent to: the app's callback with its query
 * @throws {Error} when the vendor keeps the browser, with what its page says
 */
export async function approve(
  authorizeUrl: string,
  { username, password }: { username: string; password?: string },
  send: Send,
): Promise<string> {
  const first = await send(authorizeUrl, { method: "GET", headers: {} });
  const login = first.headers.get("location");
  if (first.status !== 302 || login === null) {
    throw new Error(`authorize answered ${first.status}: ${plain(await first.text())}`);
  }
  // A refusal that needs no sign-in goes back at once.
  if (!new URL(login).pathname.endsWith("/login")) return login;
  const page = await (await send(login, { method: "GET", headers: {} })).text();
  const action = unescapeHtml(/<form method="post" action="([^"]*)"/.exec(page)?.[1] ?? "");
  const next = unescapeHtml(/name="next" value="([^"]*)"/.exec(page)?.[1] ?? "");
  const answer = password === undefined ? { next, choose: username } : { next, username, password };
  const signedIn = await send(action, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(answer).toString(),
  });
  const back = signedIn.headers.get("location");
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0];
  if (back === null || cookie === undefined) {
    throw new Error(`sign-in answered ${signedIn.status}: ${plain(await signedIn.text())}`);
  }
  const last = await send(back, { method: "GET", headers: { cookie } });
  const callback = last.headers.get("location");
  if (callback === null) throw new Error(`authorize answered ${last.status}`);
  return callback;
}

const unescapeHtml = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

const plain = (page: string) =>
  page
    .replaceAll(/<style.*?<\/style>/gs, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .slice(0, 300);
