// From the provider's callback to "connected": code exchange, proof and storing, over HTTP against the
// production build, beside a bare node:http server that answers at once in the same run.
import http from "node:http";
import type { AddressInfo } from "node:net";
import { walkPages } from "#lib/simulator/kit/walk.ts";
import {
  cookiesOf,
  percentile,
  report,
  request,
  round,
  signIn,
  startBenchStudio,
} from "./studio.ts";

const warmUps = 20;
const samples = 150;
const limitP95Ms = 150;

const bare = http.createServer((_request, response) => response.end("ok"));
await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));
const bareUrl = `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`;

const studio = await startBenchStudio();
const session = await signIn(studio);
const change = {
  method: "POST",
  headers: { origin: studio.url, cookie: session, "content-type": "application/json" },
};
const listed = await request(`${studio.url}/api/connections`, { headers: { cookie: session } });
const { items } = JSON.parse(listed.body) as { items: { id: string; provider: string }[] };
const people = {
  salesforce: "maya.lindqvist@northpine.example",
  "marketing-cloud": "maya@demo.example",
} as Record<string, string>;

/** One whole sign-in; only the callback is timed. */
async function connect(connection: { id: string; provider: string }): Promise<number> {
  const started = await request(`${studio.url}/api/connections/${connection.id}/flows`, {
    ...change,
    body: JSON.stringify({ surface: "web" }),
  });
  const { authorizeUrl, flowId } = JSON.parse(started.body) as {
    authorizeUrl: string;
    flowId: string;
  };
  const callback = await walkPages(
    { loopbackUrl: studio.demoUrl, tlsPort: null, caPem: "" },
    authorizeUrl,
    { username: people[connection.provider] ?? "", password: "Harbour-lantern-42" },
    (url) => url.origin === studio.demoUrl,
  );
  const began = performance.now();
  const answer = await request(callback, {
    headers: { cookie: `${session}; ${cookiesOf(started)}` },
  });
  const tookMs = performance.now() - began;
  const flow = await request(`${studio.url}/api/flows/${flowId}`, { headers: { cookie: session } });
  const { state } = JSON.parse(flow.body) as { state: string };
  if (answer.status !== 303 || state !== "connected") {
    throw new Error(`the callback answered ${answer.status}, the flow is ${state}`);
  }
  return tookMs;
}

try {
  for (const connection of items) {
    const times: number[] = [];
    const bareTimes: number[] = [];
    for (let i = 0; i < warmUps + samples; i += 1) {
      const tookMs = await connect(connection);
      const began = performance.now();
      await request(bareUrl);
      if (i >= warmUps) {
        times.push(tookMs);
        bareTimes.push(performance.now() - began);
      }
    }
    const p95Ms = percentile(times, 95);
    report({
      workload: `callback to connected, ${connection.provider}`,
      samples,
      p50Ms: round(percentile(times, 50)),
      p95Ms: round(p95Ms),
      bareP50Ms: round(percentile(bareTimes, 50)),
      timesBareP50: round(percentile(times, 50) / percentile(bareTimes, 50)),
      limit: `p95 under ${limitP95Ms} ms`,
      isKept: p95Ms < limitP95Ms,
    });
  }
} finally {
  await studio.stop();
  bare.close();
  process.exit();
}
