import { z } from "zod";
import { type Asked, named } from "#lib/providers/marketing-cloud/operations/answer.ts";
import { lineInput } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  allOf,
  oneOf,
  retrieveUpTo,
  soapList,
  soapNumber,
  soapText,
} from "#lib/providers/marketing-cloud/operations/soap-retrieve.ts";
import type { ProviderApi } from "#lib/providers/operation.ts";

export const subscriberArea = "Lists and subscribers";
export const subscriberReadScopes = ["list_and_subscribers_read"] as const;
export const subscriberWriteScopes = [
  "list_and_subscribers_read",
  "list_and_subscribers_write",
] as const;

export const subscriberKeyInput = lineInput(254, "Subscriber key (contact key) of the person.");

export const emailInput = z
  .string()
  .max(254)
  .regex(/^[^\s@,;<>"]+@[^\s@,;<>"]+\.[^\s@,;<>"]+$/);

export const subscriberOutput = z.object({
  key: z.string(),
  email: z.string().nullable(),
  status: z.string().nullable(),
  createdAt: z.string().nullable(),
  unsubscribedAt: z.string().nullable(),
  emailFormat: z.string().nullable(),
  attributes: z.array(z.object({ name: z.string(), value: z.string().nullable() })),
});

const attribute = z.object({ Name: soapText, Value: soapText });
const subscriberSchema = z
  .object({
    SubscriberKey: soapText,
    EmailAddress: soapText,
    Status: soapText,
    CreatedDate: soapText,
    UnsubscribedDate: soapText,
    EmailTypePreference: soapText,
    Attributes: soapList(attribute),
  })
  .transform((one, context) => {
    if (!one.SubscriberKey) {
      context.addIssue({ code: "custom", message: "a subscriber without a key" });
      return z.NEVER;
    }
    return {
      key: one.SubscriberKey,
      email: one.EmailAddress,
      status: one.Status,
      createdAt: one.CreatedDate,
      unsubscribedAt: one.UnsubscribedDate,
      emailFormat: one.EmailTypePreference,
      attributes: one.Attributes.flatMap(({ Name, Value }) =>
        Name === null ? [] : [{ name: Name, value: Value }],
      ),
    };
  });
export type Subscriber = z.infer<typeof subscriberOutput>;

const membershipSchema = z
  .object({ ListID: soapNumber, SubscriberKey: soapText, Status: soapText })
  .transform((one, context) => {
    if (one.ListID === null || one.SubscriberKey === null) {
      context.addIssue({ code: "custom", message: "a membership of nobody" });
      return z.NEVER;
    }
    return { listId: one.ListID, key: one.SubscriberKey, status: one.Status };
  });
export type Membership = z.infer<typeof membershipSchema>;

export const askedOfSubscriber = (
  key: string,
  scopes: readonly string[] = subscriberReadScopes,
): Asked => ({ what: named("the subscriber", key), scopes });

const mostRead = 5_000;
const askedOfAll: Asked = { what: "these subscribers", scopes: subscriberReadScopes };

/** @throws {OperationFailedError} */
export async function readSubscribers(
  api: ProviderApi,
  keys: readonly string[],
): Promise<Subscriber[]> {
  const { items } = await retrieveUpTo(
    api,
    {
      objectType: "Subscriber",
      properties: [
        "SubscriberKey",
        "EmailAddress",
        "Status",
        "CreatedDate",
        "UnsubscribedDate",
        "EmailTypePreference",
        "Attributes",
      ],
      filter: oneOf("SubscriberKey", keys),
    },
    subscriberSchema,
    askedOfAll,
    mostRead,
  );
  return items;
}

/** On which lists these people are; of these lists alone, where they are named. */
export async function readMemberships(
  api: ProviderApi,
  keys: readonly string[],
  lists: readonly number[] = [],
): Promise<Membership[]> {
  const { items } = await retrieveUpTo(
    api,
    {
      objectType: "ListSubscriber",
      properties: ["ListID", "SubscriberKey", "Status"],
      filter: allOf([
        oneOf("SubscriberKey", keys),
        ...(lists.length > 0 ? [oneOf("ListID", lists.map(String))] : []),
      ]),
    },
    membershipSchema,
    askedOfAll,
    mostRead,
  );
  return items;
}

/** Their keys are compared as theirs are: without regard to letter case. */
export const isSameKey = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase();
