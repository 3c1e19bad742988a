import { z } from "zod";
import { readRest } from "#lib/providers/marketing-cloud/operations/answer.ts";
import { restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import type { ProviderApi } from "#lib/providers/operation.ts";

export const contactArea = "Contacts";
/** Looking people up by address is the audience's right, writing them the lists'. */
export const contactSearchScopes = ["audiences_read"] as const;
export const contactWriteScopes = [
  "audiences_read",
  "list_and_subscribers_read",
  "list_and_subscribers_write",
] as const;

export const foundSchema = z.object({
  email: z.string(),
  contacts: z.array(z.object({ contactKey: z.string(), createdAt: z.string().nullable() })),
});
export type FoundByEmail = z.infer<typeof foundSchema>;

const answerSchema = z.object({
  channelAddressResponseEntities: z
    .array(
      z.object({
        channelAddress: z.string(),
        contactKeyDetails: z
          .array(z.object({ contactKey: z.string(), createDate: z.string().nullish() }))
          .nullish(),
      }),
    )
    .default([]),
});

/** @throws {OperationFailedError} */
export async function findByEmail(
  api: ProviderApi,
  emails: readonly string[],
  most: number,
): Promise<FoundByEmail[]> {
  const request = restRequest("POST", "/contacts/v1/addresses/email/search", {
    body: { ChannelAddressList: [...emails], MaximumCount: most },
  });
  const answer = await readRest(api, request, answerSchema, {
    what: "contacts by mail address",
    scopes: contactSearchScopes,
  });
  return answer.channelAddressResponseEntities.map((entity) => ({
    email: entity.channelAddress,
    contacts: (entity.contactKeyDetails ?? []).map(({ contactKey, createDate }) => ({
      contactKey,
      createdAt: createDate ?? null,
    })),
  }));
}
