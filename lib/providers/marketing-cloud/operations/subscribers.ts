import { z } from "zod";
import { notFound } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  lineInput,
  mostInput,
  nextInput,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  retrieveUpTo,
  soapNumber,
  soapText,
} from "#lib/providers/marketing-cloud/operations/soap-retrieve.ts";
import {
  askedOfSubscriber,
  isSameKey,
  readMemberships,
  readSubscribers,
  subscriberArea,
  subscriberKeyInput,
  subscriberOutput,
  subscriberReadScopes,
} from "#lib/providers/marketing-cloud/operations/subscriber-schema.ts";
import { readOperation } from "#lib/providers/operation.ts";

const listSchema = z
  .object({
    ID: soapNumber,
    CustomerKey: soapText,
    ListName: soapText,
    Description: soapText,
    Type: soapText,
    ListClassification: soapText,
  })
  .transform((one, context) => {
    if (one.ID === null) {
      context.addIssue({ code: "custom", message: "a list without an id" });
      return z.NEVER;
    }
    return {
      id: one.ID,
      key: one.CustomerKey,
      name: one.ListName ?? "",
      description: one.Description,
      type: one.Type,
      classification: one.ListClassification,
    };
  });

export const listLists = readOperation({
  id: "marketing-cloud.lists.list",
  provider: "marketing-cloud",
  area: subscriberArea,
  title: "List subscriber lists",
  description: "Lists of the business unit that people can be on.",
  scopes: subscriberReadScopes,
  input: z.strictObject({
    search: lineInput(100, "Only those whose name holds this text.").optional(),
    most: mostInput,
    next: nextInput,
  }),
  output: z.object({
    lists: z.array(
      z.object({
        id: z.number().int(),
        key: z.string().nullable(),
        name: z.string(),
        description: z.string().nullable(),
        type: z.string().nullable(),
        classification: z.string().nullable(),
      }),
    ),
    next: z.string().nullable(),
  }),
  example: { most: 500 },
  async run(api, { search, most, next }) {
    const page = await retrieveUpTo(
      api,
      {
        objectType: "List",
        properties: ["ID", "CustomerKey", "ListName", "Description", "Type", "ListClassification"],
        continues: next,
        ...(search === undefined
          ? {}
          : { filter: { property: "ListName", operator: "like", values: [`%${search}%`] } }),
      },
      listSchema,
      { what: "the list of lists", scopes: subscriberReadScopes },
      most,
    );
    return { lists: page.items, next: page.next };
  },
  rowsOf: ({ lists }) => lists.length,
});

export const getSubscriber = readOperation({
  id: "marketing-cloud.subscribers.get",
  provider: "marketing-cloud",
  area: subscriberArea,
  title: "Read a subscriber",
  description: "One person's address, status, attributes and lists.",
  scopes: subscriberReadScopes,
  input: z.strictObject({ subscriberKey: subscriberKeyInput }),
  output: z.object({
    subscriber: subscriberOutput,
    lists: z.array(z.object({ listId: z.number().int(), status: z.string().nullable() })),
  }),
  example: { subscriberKey: "C000001" },
  async run(api, { subscriberKey }) {
    const found = (await readSubscribers(api, [subscriberKey])).find(({ key }) =>
      isSameKey(key, subscriberKey),
    );
    if (!found) throw notFound(askedOfSubscriber(subscriberKey));
    const memberships = await readMemberships(api, [found.key]);
    return {
      subscriber: found,
      lists: memberships
        .filter(({ key }) => isSameKey(key, found.key))
        .map(({ listId, status }) => ({ listId, status })),
    };
  },
  rowsOf: () => 1,
});
