import { z } from "zod";
import {
  type Asked,
  concludeRest,
  failed,
  jsonOf,
  restFailure,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import { findMessage } from "#lib/providers/marketing-cloud/operations/message-schema.ts";
import { partApplied } from "#lib/providers/marketing-cloud/operations/soap-write.ts";
import { counted } from "#lib/providers/marketing-cloud/operations/words.ts";
import type {
  Outcome,
  ProviderApi,
  ProviderResponse,
  StoredStep,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";

const manySchema = z.object({ recipients: z.array(z.object({ messageKey: z.string() })) });

/** Read out of the request itself: the bytes that were approved. */
export function messageKeysOf({ request }: StoredStep): string[] {
  const many = manySchema.safeParse(JSON.parse(request.body ?? "{}"));
  if (many.success) return many.data.recipients.map(({ messageKey }) => messageKey);
  return [request.path.slice(request.path.lastIndexOf("/") + 1)];
}

/** What came of the step of a send: all of it, a part, or what reading back by key tells. */
export async function concludeSend(
  api: ProviderApi,
  step: StoredStep,
  response: ProviderResponse,
  asked: Asked,
): Promise<Outcome> {
  const keys = messageKeysOf(step);
  const partly = partlyTaken(response);
  if (partly?.length === keys.length) return outcomeOf(partly, keys);
  return concludeRest(response, takenSchema(keys.length), {
    done: () => accepted(keys),
    // Some were refused, and it does not say of each which one.
    refused: () => (partly ? settleSend(api, step) : failed(restFailure(response, asked))),
    settle: () => settleSend(api, step),
  });
}

function accepted(keys: readonly string[]): Outcome {
  return {
    kind: "applied",
    summary: `${counted(keys.length, "message")} accepted. What became of each is read by its key.`,
    output: { accepted: keys.length, firstMessageKey: keys[0] ?? null },
  };
}

const takenSchema = (count: number) =>
  z.object({ responses: z.array(z.object({ messageKey: z.string() })).length(count) });

const partlySchema = z.object({
  errorcode: z.literal(109001),
  responses: z.array(z.object({ errorcode: z.number().int().optional() })),
});

/** 202 with errors inside: each recipient is taken or refused on their own. */
function partlyTaken({ status, body }: ProviderResponse) {
  if (status < 200 || status >= 300) return null;
  return partlySchema.safeParse(jsonOf(body)).data?.responses ?? null;
}

function outcomeOf(
  responses: readonly { errorcode?: number | undefined }[],
  keys: readonly string[],
): Outcome {
  const refused = responses.filter(({ errorcode }) => (errorcode ?? 0) !== 0).length;
  const done = keys.length - refused;
  if (done === 0) {
    return failed(
      new OperationFailedError(
        "operations.refused_by_provider",
        "Marketing Cloud took none of these messages.",
        { providerCode: "109001" },
      ),
    );
  }
  return partApplied(
    `${done} of ${counted(keys.length, "message")} were accepted, the others refused.`,
    { succeeded: done, failed: refused },
  );
}

/**
 * What was accepted is known by its key. One that is not known may still be on its way in, and a second
 * mail is worse than none: that stays unknown.
 */
export async function settleSend(api: ProviderApi, step: StoredStep): Promise<Outcome> {
  const keys = messageKeysOf(step);
  let known = 0;
  for (const key of keys) {
    if (await findMessage(api, key)) known += 1;
    api.progress(known, keys.length);
  }
  if (known === keys.length) return accepted(keys);
  return {
    kind: "unknown",
    summary:
      known === 0
        ? "Marketing Cloud knows none of these messages yet. They may still be on their way."
        : `Marketing Cloud knows ${known} of ${counted(keys.length, "message")}.`,
  };
}
