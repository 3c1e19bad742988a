// A plan of 1,000 steps, each one record of the demo org: proposed, approved and applied over HTTP against
// the production build, whose memory is watched. Beside as many bare requests of the same kind, one after
// another, to the same provider by a process that does nothing else.
import { createHash, randomBytes } from "node:crypto";
import { walkPages } from "#lib/simulator/kit/walk.ts";
import { startFleet } from "./fleet.ts";
import { residentMbOf } from "./load.ts";
import { type Answer, cookiesOf, report, request, round, signIn } from "./studio.ts";

const steps = 1_000;
const looked = [100, 500, 1_000];
const limitGrowthMb = 64;
const limitPreviewPeakMb = 250;
const api = "/services/data/v64.0";
const person = { username: "maya.lindqvist@northpine.example", password: "Harbour-lantern-42" };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const fleet = await startFleet();
const [url = ""] = fleet.urls;
const [pid = 0] = fleet.pids;
const session = await signIn({ url });
const jsonOf = <T>({ status, body }: Answer): T => {
  if (status >= 400) throw new Error(`the studio answered ${status}: ${body.slice(0, 500)}`);
  return JSON.parse(body) as T;
};
const get = async <T>(path: string) =>
  jsonOf<T>(await request(`${url}${path}`, { headers: { cookie: session } }));
const asked = (path: string, body: unknown) =>
  request(`${url}${path}`, {
    method: "POST",
    headers: { origin: url, cookie: session, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const post = async <T>(path: string, body: unknown) => jsonOf<T>(await asked(path, body));

const walk = (authorizeUrl: string) =>
  walkPages(
    { loopbackUrl: fleet.demoUrl, tlsPort: null, caPem: "" },
    authorizeUrl,
    person,
    (to) => to.origin === fleet.demoUrl,
  );

/** Connects the demo org as a person does. @returns the connection, and how its sign-in begins */
async function connect(): Promise<{ connectionId: string; authorizeUrl: string }> {
  const { items } = await get<{ items: { id: string; provider: string }[] }>("/api/connections");
  const connectionId = items.find(({ provider }) => provider === "salesforce")?.id ?? "";
  const started = await asked(`/api/connections/${connectionId}/flows`, { surface: "web" });
  const { authorizeUrl } = jsonOf<{ authorizeUrl: string }>(started);
  const callback = await walk(authorizeUrl);
  const cookie = `${session}; ${cookiesOf(started)}`;
  const answer = await request(callback, { headers: { cookie } });
  if (answer.status !== 303) throw new Error(`the callback answered ${answer.status}`);
  return { connectionId, authorizeUrl };
}

/** A token of the same app and person, for the bare requests. */
async function bareToken(authorizeUrl: string): Promise<{ token: string; instance: string }> {
  const verifier = randomBytes(32).toString("base64url");
  const wanted = new URL(authorizeUrl);
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  wanted.searchParams.set("code_challenge", challenge);
  const code = new URL(await walk(wanted.href)).searchParams.get("code") ?? "";
  const answer = await request(wanted.href.replace(/\/authorize\?.*$/, "/token"), {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      client_id: wanted.searchParams.get("client_id") ?? "",
      redirect_uri: wanted.searchParams.get("redirect_uri") ?? "",
      code_verifier: verifier,
    }).toString(),
  });
  const told = jsonOf<{ access_token: string; instance_url: string }>(answer);
  return { token: told.access_token, instance: told.instance_url };
}

/** The same records, changed one after another. @returns milliseconds a request */
async function bareWrites(authorizeUrl: string, ids: readonly string[]): Promise<number> {
  const { token, instance } = await bareToken(authorizeUrl);
  const began = performance.now();
  for (const [at, id] of ids.entries()) {
    const answer = await request(`${instance}${api}/sobjects/Contact/${id}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ Phone: `+46 8 100 ${at}` }),
    });
    if (answer.status !== 204) throw new Error(`the provider answered ${answer.status}`);
  }
  return (performance.now() - began) / ids.length;
}

/** The most that the server held while `work` ran. */
async function peakMbOf<T>(work: Promise<T>): Promise<{ result: T; peakMb: number }> {
  let [peakMb, isOver] = [0, false];
  const ended = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    peakMb = Math.max(peakMb, residentMbOf(pid));
    await Promise.race([ended, pause(50)]);
  }
  return { result: await ended, peakMb };
}

type Plan = {
  id: string;
  hash: string;
  state: string;
  endReason: string | null;
  progress: { applied?: number };
};

try {
  const { connectionId, authorizeUrl } = await connect();
  const found = await post<{ result: { records: { Id: string }[] } }>(
    "/api/operations/salesforce.query",
    { connectionId, input: { soql: `SELECT Id FROM Contact LIMIT ${steps}` } },
  );
  const ids = found.result.records.map(({ Id }) => Id);
  if (ids.length < steps) throw new Error(`the demo org has only ${ids.length} contacts`);
  const bareMs = await bareWrites(authorizeUrl, ids);

  const beforeMb = residentMbOf(pid);
  const proposeBegan = performance.now();
  const { result: plan, peakMb } = await peakMbOf(
    post<Plan>("/api/plans", {
      title: "New switchboard numbers",
      operations: ids.map((id, at) => ({
        operationId: "salesforce.records.update",
        connectionId,
        input: { object: "Contact", id, values: { Phone: `+46 8 200 ${at}` } },
      })),
    }),
  );
  const previewSeconds = (performance.now() - proposeBegan) / 1_000;
  const growthMb = peakMb - beforeMb;
  report({
    workload: `a plan of ${steps} steps, proposed and previewed`,
    seconds: round(previewSeconds),
    stepsPerSecond: Math.round(steps / previewSeconds),
    residentBeforeMb: Math.round(beforeMb),
    residentPeakMb: Math.round(peakMb),
    limit: `grows by at most ${limitPreviewPeakMb} MB`,
    isKept: growthMb <= limitPreviewPeakMb,
  });

  const applyBegan = performance.now();
  await post(`/api/plans/${plan.id}/approve`, { hash: plan.hash, typedNames: {}, apply: true });
  const residentMb = new Map<number, number>();
  let now = plan;
  do {
    await pause(200);
    now = await get<Plan>(`/api/plans/${plan.id}`);
    const done = now.progress.applied ?? 0;
    for (const at of looked) {
      if (done >= at && !residentMb.has(at)) residentMb.set(at, Math.round(residentMbOf(pid)));
    }
  } while (now.state === "approved" || now.state === "applying");
  const applySeconds = (performance.now() - applyBegan) / 1_000;
  const msAStep = (applySeconds * 1_000) / steps;
  const [first = 0, last = 0] = [residentMb.get(looked[0] ?? 0), residentMb.get(steps)];
  report({
    workload: "the same, approved and applied, one step after another",
    seconds: round(applySeconds),
    msAStep: round(msAStep),
    bareMsARequest: round(bareMs),
    timesBare: round(msAStep / bareMs),
    residentMb: Object.fromEntries(residentMb),
    state: now.endReason ?? now.state,
    limit: `all applied; from step ${looked[0]} to ${steps} grows by at most ${limitGrowthMb} MB`,
    isKept: now.progress.applied === steps && last - first <= limitGrowthMb,
  });
} finally {
  await fleet.stop();
}
process.exit();
