import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { Principal } from "#lib/core/principal.ts";
import { explain, noFacts } from "#lib/grants/decoder.ts";
import { getFlowView } from "#lib/grants/get-flow-view.ts";
import { isReasonCode } from "#lib/providers/reason-codes.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given } = studio;
const principal = await given.person();
const connectionId = await given.connection(principal, givenDefinitions.halden);
const unitId = await given.connection(principal, givenDefinitions.haldenUnit);
const dana = "dana.kowalczyk@halden.example";

afterEach(() => simulator.faults.clear());

const marker = "pwned<script>";
/** Words of the contracts among anything at all, some with a mark that must not come out again. */
const words = fc.oneof(
  fc.constantFrom(
    "access_denied",
    "invalid_grant",
    "invalid_client",
    "OAUTH_EC_APP_NOT_FOUND",
    "unsupported_grant_type",
    "server_error",
    "__proto__",
    "constructor",
    "toString",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 2500 }).map((text) => marker + text),
);

/** A flow that came to an end has a reason that says something, and nothing of what was sent. */
async function expectKnownEnd(owner: Principal, flowId: string): Promise<void> {
  const view = await getFlowView(deps, owner, flowId);
  expect(view.state).toBe("failed");
  expect(isReasonCode(view.reason ?? "")).toBe(true);
  expect(JSON.stringify(view)).not.toContain("<");
  if (view.reason) expect(explain(view.reason, noFacts).title).not.toBe("");
}

test("[OA-7] whatever a callback brings, it ends in a known reason and throws nothing", async () => {
  const keys = fc.constantFrom("code", "error", "error_description", "iss", "tssd", "scope", "x");
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("salesforce", "marketing-cloud"),
      fc.constantFrom("right", "wrong", "absent", "twice"),
      fc.array(fc.tuple(keys, words), { maxLength: 5 }),
      async (provider, state, pairs) => {
        const isSalesforce = provider === "salesforce";
        const flow = await studio.begin(principal, isSalesforce ? connectionId : unitId);
        const own = new URL(flow.authorizeUrl).searchParams.get("state") as string;
        const params = new URLSearchParams(pairs);
        if (state === "right" || state === "twice") params.append("state", own);
        if (state === "wrong" || state === "twice") params.append("state", "made-up");
        const outcome = await studio.callback(principal, flow, params, provider);
        if (outcome.kind === "problem") expect(isReasonCode(outcome.reason)).toBe(true);
        else await expectKnownEnd(principal, outcome.flowId);
        await deps.db.flow.deleteMany({ where: { id: flow.flowId } });
      },
    ),
    { numRuns: 120 },
  );
}, 60_000);

test("[OA-7] whatever the provider says on the way back, it ends in a known reason", async () => {
  await fc.assert(
    fc.asyncProperty(words, words, async (error, description) => {
      const flow = await studio.begin(principal, connectionId);
      const fault = simulator.faults.set(salesforceFaults.authorizeError, { error, description });
      const params = await studio.approve(flow, dana);
      fault.clear();
      const outcome = await studio.callback(principal, flow, params);
      if (outcome.kind === "problem") expect(isReasonCode(outcome.reason)).toBe(true);
      else await expectKnownEnd(principal, flow.flowId);
      await deps.db.flow.deleteMany({ where: { id: flow.flowId } });
    }),
    { numRuns: 25 },
  );
}, 60_000);

test("[OA-7] whatever a token endpoint answers, it ends in a known reason", async () => {
  const bodies = fc.oneof(
    words,
    fc.json({ maxDepth: 2 }),
    fc
      .tuple(words, words)
      .map(([error, description]) => JSON.stringify({ error, error_description: description })),
    words.map((message) => JSON.stringify([{ errorCode: message, message }])),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(200, 201, 204, 302, 400, 401, 403, 404, 418, 429, 500, 503),
      bodies,
      fc.constantFrom("application/json", "text/html", "application/x-www-form-urlencoded", "x"),
      async (status, body, contentType) => {
        const flow = await studio.begin(principal, connectionId);
        const params = await studio.approve(flow, dana);
        const fault = simulator.faults.set(
          wireFaults.answer,
          { status, body: status === 204 ? "" : body, contentType },
          { path: "/services/oauth2/token" },
        );
        await studio.callback(principal, flow, params);
        fault.clear();
        await expectKnownEnd(principal, flow.flowId);
        await deps.db.flow.deleteMany({ where: { id: flow.flowId } });
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);
