import { z } from "zod";
import {
  type Asked,
  findRest,
  named,
  readRest,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import { pathOf, restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import type { ProviderApi } from "#lib/providers/operation.ts";

export const sendArea = "Transactional sends";
export const sendReadScopes = ["email_read"] as const;
export const sendScopes = ["email_read", "email_send"] as const;

/** The provider's longest. */
export const longestMessageKey = 100;

export const definitionSchema = z
  .object({
    definitionKey: z.string(),
    name: z.string(),
    description: z.string().nullish(),
    status: z.string(),
    classification: z.string().nullish(),
    content: z.object({ customerKey: z.string().nullish() }).nullish(),
    createdDate: z.string().nullish(),
    modifiedDate: z.string().nullish(),
  })
  .transform((one) => ({
    key: one.definitionKey,
    name: one.name,
    description: one.description || null,
    status: one.status,
    classification: one.classification ?? null,
    contentKey: one.content?.customerKey ?? null,
    createdAt: one.createdDate ?? null,
    modifiedAt: one.modifiedDate ?? null,
  }));
export type Definition = z.infer<typeof definitionSchema>;

export const definitionOutput = z.object({
  key: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  status: z.string(),
  classification: z.string().nullable(),
  contentKey: z.string().nullable(),
  createdAt: z.string().nullable(),
  modifiedAt: z.string().nullable(),
});

export const askedOfDefinition = (
  key: string,
  scopes: readonly string[] = sendReadScopes,
): Asked => ({ what: named("the send definition", key), scopes });

/** @throws {OperationFailedError} no such definition, or none that this person may see */
export const readDefinition = (api: ProviderApi, key: string): Promise<Definition> =>
  readRest(
    api,
    restRequest("GET", pathOf`/messaging/v1/email/definitions/${key}`),
    definitionSchema,
    askedOfDefinition(key),
  );

const states = {
  "TransactionalSendEvents.EmailSent": "sent",
  "TransactionalSendEvents.EmailQueued": "queued",
  "TransactionalSendEvents.EmailNotSent": "not-sent",
} as const;
type MessageState = (typeof states)[keyof typeof states] | "unknown";

const messageSchema = z
  .object({
    eventCategoryType: z.string(),
    timestamp: z.string().nullish(),
    info: z
      .object({
        contactKey: z.string().nullish(),
        to: z.string().nullish(),
        statusCode: z.coerce.string().nullish(),
        statusMessage: z.string().nullish(),
      })
      .nullish(),
  })
  .transform((one) => ({
    state: Object.hasOwn(states, one.eventCategoryType)
      ? (states[one.eventCategoryType as keyof typeof states] as MessageState)
      : ("unknown" as MessageState),
    at: one.timestamp ?? null,
    contactKey: one.info?.contactKey ?? null,
    to: one.info?.to ?? null,
    problemCode: one.info?.statusCode ?? null,
    problem: one.info?.statusMessage ?? null,
  }));
export type Message = z.infer<typeof messageSchema>;

/** What became of a message; null where the provider knows none of this key, or none yet. */
export const findMessage = (api: ProviderApi, messageKey: string): Promise<Message | null> =>
  findRest(
    api,
    restRequest("GET", pathOf`/messaging/v1/email/messages/${messageKey}`),
    messageSchema,
    { what: named("the message", messageKey), scopes: sendReadScopes },
  );
