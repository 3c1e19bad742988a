import http from "node:http";
import https from "node:https";
import { text as readText } from "node:stream/consumers";

/** How a walker reaches the simulator. */
export type WalkTarget = { loopbackUrl: string; tlsPort: number | null; caPem: string };

type Answer = { status: number; location: string | null; cookies: string[]; body: string };
type Cookie = { origin: string; path: string; pair: string };

/** One request under the address as a browser would see it, by whichever way leads there. */
function send(
  target: WalkTarget,
  url: URL,
  form: URLSearchParams | null,
  cookie: string,
): Promise<Answer> {
  const headers = {
    host: url.host,
    ...(cookie ? { cookie } : {}),
    ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
  };
  const options = { method: form ? "POST" : "GET", path: url.pathname + url.search, headers };
  return new Promise((resolve, reject) => {
    const onAnswer = (incoming: http.IncomingMessage) => {
      const { statusCode: status = 0, headers: got } = incoming;
      const [location, cookies] = [got.location ?? null, got["set-cookie"] ?? []];
      readText(incoming).then((body) => resolve({ status, location, cookies, body }), reject);
    };
    const request =
      url.protocol === "http:"
        ? http.request({ ...options, host: "127.0.0.1", port: url.port, agent: false }, onAnswer)
        : https.request(
            {
              ...options,
              host: "127.0.0.1",
              port: target.tlsPort ?? undefined,
              servername: url.hostname,
              ca: target.caPem,
              agent: false,
            },
            onAnswer,
          );
    request.once("error", reject);
    request.end(form?.toString());
  });
}

const plain = (value: string) =>
  value
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

/** The form of a page that has this field: where it goes and what it hides. */
function formWith(page: string, field: RegExp): { action: string; fields: URLSearchParams } | null {
  for (const [, action = "", inner = ""] of page.matchAll(
    /<form method="post" action="([^"]*)"[^>]*>(.*?)<\/form>/gs,
  )) {
    if (!field.test(inner)) continue;
    const fields = new URLSearchParams();
    for (const [, name = "", value = ""] of inner.matchAll(
      /<input type="hidden" name="([^"]*)" value="([^"]*)">/g,
    )) {
      fields.set(plain(name), plain(value));
    }
    return { action: plain(action), fields };
  }
  return null;
}

export type Walker = { username: string; password: string; decision?: "allow" | "deny" };

/** The provider ended the walk on a page of its own. */
export class EndedOnPageError extends Error {
  readonly status: number;
  readonly page: string;
  constructor(status: number, page: string) {
    const words = page
      .replace(/<style>.*?<\/style>/s, "")
      .replaceAll(/<[^>]+>/g, " ")
      .replaceAll(/\s+/g, " ");
    super(`the provider shows a page (${status}): ${words.trim()}`);
    this.status = status;
    this.page = page;
  }
}

/**
 * Signs in and answers the approval page as a person with a fresh browser would, over HTTP.
 *
 * @param isProvider - whether an address is the simulator's: such redirects are followed
 * @returns the address of the app that the browser is sent to in the end; it is not called
 * @throws {EndedOnPageError} the provider shows an error, or refuses the sign-in
 */
export async function walkPages(
  target: WalkTarget,
  authorizeUrl: string,
  walker: Walker,
  isProvider: (url: URL) => boolean,
): Promise<string> {
  const jar: Cookie[] = [];
  let url = new URL(authorizeUrl);
  let form: URLSearchParams | null = null;
  let hasSignedIn = false;
  for (let step = 0; step < 12; step += 1) {
    const cookie = jar
      .filter(({ origin, path }) => origin === url.origin && url.pathname.startsWith(path))
      .map(({ pair }) => pair)
      .join("; ");
    const answer: Answer = await send(target, url, form, cookie);
    for (const line of answer.cookies) {
      const path = /;\s*path=([^;]*)/i.exec(line)?.[1] ?? "/";
      jar.push({ origin: url.origin, path, pair: line.split(";")[0] as string });
    }
    form = null;
    if (answer.location !== null) {
      const next = new URL(answer.location, url);
      if (!isProvider(next)) return answer.location;
      url = next;
      continue;
    }
    const approval = formWith(answer.body, /name="decision"/);
    const chosen = [...answer.body.matchAll(/name="choose" value="([^"]*)"/g)].some(
      ([, value]) => plain(value ?? "").toLowerCase() === walker.username.toLowerCase(),
    );
    const signIn = formWith(answer.body, chosen ? /name="choose"/ : /name="password"/);
    if (answer.status !== 200 || (!approval && (!signIn || hasSignedIn))) {
      throw new EndedOnPageError(answer.status, answer.body);
    }
    const next = approval ?? (signIn as NonNullable<typeof signIn>);
    form = next.fields;
    if (approval) form.set("decision", walker.decision ?? "allow");
    else if (chosen) form.set("choose", walker.username);
    else {
      form.set("username", walker.username);
      form.set("password", walker.password);
    }
    hasSignedIn ||= !approval;
    url = new URL(next.action, url);
  }
  throw new Error("the provider's pages go round in circles");
}
