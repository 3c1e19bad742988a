import { z } from "zod";
import { named, notFound, readRest } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  lineInput,
  pageInput,
  pageSizeInput,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  definitionOutput,
  definitionSchema,
  findMessage,
  longestMessageKey,
  sendArea,
  sendReadScopes,
} from "#lib/providers/marketing-cloud/operations/message-schema.ts";
import { restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { readOperation } from "#lib/providers/operation.ts";

export const listDefinitions = readOperation({
  id: "marketing-cloud.sends.definitions",
  provider: "marketing-cloud",
  area: sendArea,
  title: "List send definitions",
  description: "Definitions of transactional emails: what is sent, and whether it can be sent now.",
  scopes: sendReadScopes,
  input: z.strictObject({
    status: z.enum(["Active", "Inactive"]).optional().describe("Only those in this state."),
    page: pageInput,
    pageSize: pageSizeInput(100, 50),
  }),
  output: z.object({
    definitions: z.array(definitionOutput),
    page: z.number().int(),
    hasMore: z.boolean(),
  }),
  example: { status: "Active" as const, page: 1, pageSize: 50 },
  async run(api, { status, page, pageSize }) {
    const request = restRequest("GET", "/messaging/v1/email/definitions", {
      query: {
        $page: page,
        $pageSize: pageSize,
        $filter: status === undefined ? undefined : `status eq ${status.toLowerCase()}`,
      },
    });
    const { definitions } = await readRest(api, request, listSchema, {
      what: "the list of send definitions",
      scopes: sendReadScopes,
    });
    // `count` is of this page alone, so only a full page says that there may be more.
    return { definitions, page, hasMore: definitions.length === pageSize };
  },
  rowsOf: ({ definitions }) => definitions.length,
});

const listSchema = z.object({ definitions: z.array(definitionSchema).default([]) });

export const sendStatus = readOperation({
  id: "marketing-cloud.sends.status",
  provider: "marketing-cloud",
  area: sendArea,
  title: "Read what became of a message",
  description: "Whether a transactional message was sent, waits, or was not sent and why.",
  scopes: sendReadScopes,
  input: z.strictObject({
    messageKey: lineInput(longestMessageKey, "Key of the message, as its sending answered it."),
  }),
  output: z.object({
    state: z.enum(["sent", "queued", "not-sent", "unknown"]),
    at: z.string().nullable(),
    contactKey: z.string().nullable(),
    to: z.string().nullable(),
    problemCode: z.string().nullable(),
    problem: z.string().nullable(),
  }),
  example: { messageKey: "studio-2f6c1b7a9d3e5f8041c2-1" },
  async run(api, { messageKey }) {
    const found = await findMessage(api, messageKey);
    if (found) return found;
    throw notFound({ what: named("the message", messageKey), scopes: sendReadScopes });
  },
  rowsOf: () => 1,
});
