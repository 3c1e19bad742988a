import { z } from "zod";
import { readOperation } from "#lib/providers/operation.ts";
import { readJson } from "#lib/providers/salesforce/operations/read.ts";
import { restRequest } from "#lib/providers/salesforce/operations/request.ts";

const count = z.number();
const answerSchema = z.record(z.string(), z.looseObject({ Max: count, Remaining: count }));
const pair = z.object({ Max: count, Remaining: count });

export const limits = readOperation({
  id: "salesforce.limits",
  provider: "salesforce",
  area: "Org",
  title: "Limits of the org",
  description:
    "How much of each daily and hourly allowance is left: API calls, storage, bulk jobs, mail. API calls are also told by app.",
  scopes: ["api"],
  input: z.strictObject({}),
  output: z.object({
    limits: z.array(
      z.object({
        name: z.string(),
        max: count,
        remaining: count,
        byApp: z.array(z.object({ app: z.string(), max: count, remaining: count })),
      }),
    ),
  }),
  example: {},
  async run(api) {
    const answer = await readJson(
      api,
      restRequest("GET", ["limits"]),
      answerSchema,
      "the limits of the org",
    );
    return {
      limits: Object.entries(answer).map(([name, { Max, Remaining, ...apps }]) => ({
        name,
        max: Max,
        remaining: Remaining,
        byApp: Object.entries(apps).flatMap(([app, value]) => {
          const one = pair.safeParse(value);
          return one.success ? [{ app, max: one.data.Max, remaining: one.data.Remaining }] : [];
        }),
      })),
    };
  },
  rowsOf: () => 1,
});
