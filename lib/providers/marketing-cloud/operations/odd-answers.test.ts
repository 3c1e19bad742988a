import { describe, expect, test } from "vitest";
import { deleteRows } from "#lib/providers/marketing-cloud/operations/rows-delete.ts";
import { readRows } from "#lib/providers/marketing-cloud/operations/rows-read.ts";
import { sendMessages } from "#lib/providers/marketing-cloud/operations/send-messages.ts";
import { marketingCloudOperations } from "#lib/providers/marketing-cloud/operations/table.ts";
import type { ProviderResponse } from "#lib/providers/operation.ts";
import { marketingCloudBench } from "#lib/testing/marketing-cloud-bench.ts";

const answer = (status: number, body: unknown = ""): ProviderResponse => ({
  ...{ status, headers: {} },
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const page = "<html><body>Sign in</body></html>";
const soapOf = (inner: string) =>
  `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>${inner}</soap:Body></soap:Envelope>`;
const partner = 'xmlns="http://exacttarget.com/wsdl/partnerAPI"';

/** None of them is what the provider says when something was done. */
const odd: readonly (readonly [string, ProviderResponse])[] = [
  ["a page in the place of an answer", answer(200, page)],
  ["a way to a page", answer(302)],
  ["an answer that was cut off", answer(200, '{"id":"1')],
  ["an object that says nothing", answer(200, {})],
  ["a list of nothing", answer(200, [])],
  ["a fault of theirs", answer(500, { message: "Internal Server Error", errorcode: 0 })],
  ["a gateway's page", answer(502, page)],
  ["no work at the moment", answer(503, { message: "x", errorcode: 50300 })],
  ["too much", answer(429, { message: "x", errorcode: 50100, retryAfter: 5 })],
  ["blocked", answer(429, { message: "x", errorcode: 50200 })],
  ["an address that the gateway does not know", answer(596, page)],
  ["no right", answer(403, { message: "Insufficient privileges to complete this action." })],
  ["a refusal inside of a success", answer(202, { message: "x", errorcode: 10005 })],
  [
    "results for nobody",
    answer(
      200,
      soapOf(`<UpdateResponse ${partner}><OverallStatus>OK</OverallStatus></UpdateResponse>`),
    ),
  ],
  [
    "another method's results",
    answer(
      200,
      soapOf(
        `<RetrieveResponseMsg ${partner}><OverallStatus>OK</OverallStatus></RetrieveResponseMsg>`,
      ),
    ),
  ],
  [
    "an expired token",
    answer(
      500,
      soapOf(
        "<soap:Fault><faultcode>q0:Security</faultcode><faultstring>Token Expired</faultstring></soap:Fault>",
      ),
    ),
  ],
];

/** The provider says that these are done without saying anything, or nobody wrote down what it says. */
const quiet = ["journeys.pause", "journeys.resume", "journeys.stop", "journeys.delete"]
  .concat("automations.run-once")
  .map((name) => `marketing-cloud.${name}`);

const rows = [
  { OrderId: "O000001", Status: "lost" },
  { OrderId: "O000002", Status: "lost" },
];

test("[PLN-5] an answer about some of what was sent leaves the others to what is read back", async () => {
  const bench = await marketingCloudBench();
  const removal = await bench.prepareOne(deleteRows, {
    key: "Orders",
    rows: rows.map(({ OrderId }) => ({ OrderId })),
  });
  const result = "<Results><StatusCode>OK</StatusCode><StatusMessage/></Results>";
  const soap = `<DeleteResponse ${partner}>${result}<OverallStatus>OK</OverallStatus></DeleteResponse>`;
  expect(await bench.conclude(deleteRows, removal, answer(200, soapOf(soap)))).toMatchObject({
    code: "operations.not_applied",
  });
  const send = await bench.prepareOne(sendMessages, {
    definition: "order-confirmation",
    recipients: ["ada", "grace"].map((who) => ({ contactKey: who, to: `${who}@mail.example` })),
  });
  for (const responses of [[{ messageKey: "1" }], [{ messageKey: "1", errorcode: 109106 }]]) {
    for (const errorcode of [0, 109001]) {
      expect(
        await bench.conclude(sendMessages, send, answer(202, { errorcode, responses })),
      ).toMatchObject({ kind: "unknown" });
    }
  }
});

test("the rest of one data extension's rows is not read as another's", async () => {
  const bench = await marketingCloudBench();
  const { next } = await bench.run(readRows, { key: "Orders", pageSize: 10 });
  expect((await bench.run(readRows, { key: "orders", next })).rows).toHaveLength(10);
  await expect(bench.run(readRows, { key: "Stores", next })).rejects.toMatchObject({
    code: "operations.bad_query",
  });
});

const writes = marketingCloudOperations.filter(({ effect }) => effect !== "read");

describe.each(writes.map((operation) => [operation.id, operation] as const))(
  "%s",
  (id, operation) => {
    test("[PLN-5] no odd answer makes something done that nobody has sent", async () => {
      const bench = await marketingCloudBench();
      const [step] = await bench.prepare(operation, operation.example);
      if (!step) throw new Error("nothing was prepared");
      const applied: string[] = [];
      for (const [what, response] of odd) {
        const isSaidSo = quiet.includes(id) && what.includes("nothing");
        const outcome = await bench.conclude(operation, step, response);
        if (outcome.kind === "applied" && !isSaidSo) applied.push(what);
        if (response.status === 429 || response.status === 503) {
          if (step.request.door === "rest") {
            expect(outcome).toMatchObject({ kind: "failed", code: "operations.provider_busy" });
          }
        }
      }
      expect(applied).toEqual([]);
    });
  },
);
