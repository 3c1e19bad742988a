import { expect, test } from "vitest";
import { z } from "zod";
import {
  isOpen,
  isTaken,
  readRest,
  restFailure,
  soapFailure,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import { getContent } from "#lib/providers/marketing-cloud/operations/content.ts";
import { listDataExtensions } from "#lib/providers/marketing-cloud/operations/data-extensions.ts";
import { pauseJourney } from "#lib/providers/marketing-cloud/operations/journey-runs.ts";
import { getJourney, listJourneys } from "#lib/providers/marketing-cloud/operations/journeys.ts";
import { restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { marketingCloudFaults } from "#lib/simulator/marketing-cloud/switches.ts";
import { marketingCloudBench } from "#lib/testing/marketing-cloud-bench.ts";

const asked = { what: "the journey “Welcome”", scopes: ["journeys_read"] };
const answer = (status: number, body: unknown = "") => ({
  ...{ status, headers: {} },
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const theirs = "Kaboom: user 42 of tenant mcx, token abc";
const error = (errorcode: number) => ({ message: theirs, errorcode, documentation: "" });

test.each([
  [400, error(10001), "operations.refused_by_provider", "10001"],
  [400, error(10006), "operations.refused_by_provider", "10006"],
  [202, error(10005), "operations.refused_by_provider", "10005"],
  [401, error(0), "operations.no_permission", "HTTP_401"],
  [403, { message: theirs }, "operations.missing_scope", "HTTP_403"],
  [403, error(20002), "operations.no_permission", "20002"],
  [404, error(30003), "operations.not_found", "30003"],
  [400, error(30003), "operations.not_found", "30003"],
  [409, error(30002), "operations.conflict", "30002"],
  [400, error(30004), "operations.conflict", "30004"],
  [429, error(50100), "operations.provider_busy", "50100"],
  [503, error(50300), "operations.provider_busy", "50300"],
  [500, "<h1>no</h1>", "operations.provider_busy", "HTTP_500"],
  [596, "<h1>596</h1>", "operations.not_found", "HTTP_596"],
])(
  "[OA-7] %i with %j is %s, in our words, with the plain code beside it",
  (status, body, code, providerCode) => {
    const failure = restFailure(answer(status, body), asked);
    expect(failure).toMatchObject({ code, providerCode });
    expect(failure.userMessage).not.toContain("Kaboom");
  },
);

test.each([
  [
    "Error: API Permission Failed. Object Type: List, Operation: Retrieve",
    "operations.missing_scope",
  ],
  ["Token Expired", "operations.no_permission"],
  ["Error: The ContinueRequest is unknown", "operations.bad_query"],
  [
    "Error: The Request Property(s) X do not match with the fields of List retrieve",
    "operations.bad_query",
  ],
  ["Data extension does not exist.", "operations.not_found"],
  ["CustomerKey is already in use.", "operations.conflict"],
  ["<script>", "operations.refused_by_provider"],
])("[OA-7] SOAP's %j is %s, in our words", (words, code) => {
  const failure = soapFailure(words, asked);
  expect(failure.code).toBe(code);
  expect(failure.userMessage).not.toContain(words);
});

test.each([
  [200, "", true, false],
  [202, { status: "Accepted" }, true, false],
  [202, error(10005), false, false],
  [200, "<html>login</html>", false, true],
  [302, "", false, true],
  [404, error(30003), false, false],
  [500, error(0), false, true],
  [502, "<html>", false, true],
  [503, error(50300), false, false],
])("an answer of %i with %j is taken: %j, and leaves it open: %j", (status, body, taken, open) => {
  expect([isTaken(answer(status, body)), isOpen(answer(status, body))]).toEqual([taken, open]);
});

test("an answer of another shape is not read as one", async () => {
  const { api } = await marketingCloudBench();
  await expect(
    readRest(
      { ...api, read: async () => answer(200, { count: "many" }) },
      restRequest("GET", "/data/v1/customobjects"),
      z.object({ count: z.number() }),
      asked,
    ),
  ).rejects.toMatchObject({ code: "operations.unreadable_answer" });
});

test.each(["not-authorized", "insufficient-privileges", "rate-limited", "server-error"] as const)(
  "a provider that answers %s is told in our words",
  async (fault) => {
    const bench = await marketingCloudBench();
    bench.cloud.faults.set(marketingCloudFaults.rest, fault);
    await expect(bench.run(listJourneys, {})).rejects.toMatchObject({
      code: {
        "not-authorized": "operations.no_permission",
        "insufficient-privileges": "operations.missing_scope",
        "rate-limited": "operations.provider_busy",
        "server-error": "operations.provider_busy",
      }[fault],
    });
  },
);

test("a fault of SOAP is told in our words", async () => {
  const bench = await marketingCloudBench();
  bench.cloud.faults.set(marketingCloudFaults.soap, "server-error");
  await expect(bench.run(listDataExtensions, {})).rejects.toMatchObject({
    code: "operations.provider_busy",
  });
});

test("[PLN-5] a write that met a fault of theirs is settled by reading back", async () => {
  const bench = await marketingCloudBench();
  const { journeys } = await bench.run(listJourneys, { status: "Published" });
  const step = await bench.prepareOne(pauseJourney, { journey: journeys[0].id });
  expect(await bench.conclude(pauseJourney, step, answer(500, error(0)))).toMatchObject({
    code: "operations.not_applied",
  });
  await bench.send(step.request);
  expect(await bench.conclude(pauseJourney, step, answer(502, "<html>"))).toMatchObject({
    kind: "applied",
  });
});

test("a name that no address can carry is refused before anything is sent", async () => {
  const bench = await marketingCloudBench();
  for (const journey of ["../../v2/token", "a?b", "..", "%2e%2e/x"]) {
    await expect(bench.run(getJourney, { journey })).rejects.toMatchObject({
      code: "operations.bad_query",
    });
  }
  await expect(bench.run(getContent, { content: "../1" })).rejects.toMatchObject({
    code: "operations.not_found",
  });
  expect(bench.sent.map(({ path }) => path)).toEqual(["/asset/v1/content/assets/query"]);
});
