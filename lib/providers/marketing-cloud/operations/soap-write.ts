import { z } from "zod";
import {
  type Asked,
  failed,
  soapBodyOf,
  soapFailure,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import { soapRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { soapText } from "#lib/providers/marketing-cloud/operations/soap-retrieve.ts";
import { el, type Xml } from "#lib/providers/marketing-cloud/xml.ts";
import type { Outcome, ProviderRequest, ProviderResponse } from "#lib/providers/operation.ts";

export type SoapVerb = "Create" | "Update" | "Delete";

/** One element of a field, left out where there is nothing to say. */
export const field = (name: string, value: string | null | undefined): Xml[] =>
  value === null || value === undefined ? [] : [el(name, value)];

/** Adds what is not there yet: with it an Update is an upsert. */
const updateAdd = el("Options", [
  el("SaveOptions", [el("SaveOption", [el("PropertyName", "*"), el("SaveAction", "UpdateAdd")])]),
]);

export function writeRequest(
  verb: SoapVerb,
  objects: readonly Xml[],
  { addsMissing = false } = {},
): ProviderRequest {
  const options = addsMissing ? updateAdd : el("Options", []);
  return soapRequest(verb, el(`${verb}Request`, [options, ...objects]));
}

const resultsSchema = z.object({
  OverallStatus: soapText,
  Results: z
    .array(
      z.object({
        StatusCode: soapText,
        StatusMessage: soapText,
        ErrorCode: soapText.optional(),
        NewID: soapText.optional(),
        NewObjectID: soapText.optional(),
      }),
    )
    .default([]),
});

export type WriteAnswer =
  | { kind: "done"; newId: string | null; newObjectId: string | null }
  | { kind: "part"; done: number; refused: number; outcome: Outcome }
  | { kind: "refused"; outcome: Outcome }
  /** Only reading back tells what happened. */
  | { kind: "open" };

/**
 * What the answer of a Create, Update or Delete means: each object has a status of its own, with HTTP 200.
 *
 * @param sent - how many objects went out; an answer that speaks of fewer leaves the others open
 */
export function writeAnswerOf(
  response: ProviderResponse,
  verb: SoapVerb,
  sent: number,
  asked: Asked,
): WriteAnswer {
  const body = soapBodyOf(response);
  if (body.kind === "fault") {
    return body.isServers
      ? { kind: "open" }
      : { kind: "refused", outcome: failed(soapFailure(body.words, asked)) };
  }
  if (response.status !== 200 || body.kind === "unreadable" || body.name !== `${verb}Response`) {
    return { kind: "open" };
  }
  const parsed = resultsSchema.safeParse(body.message);
  if (!parsed.success) return { kind: "open" };
  const results = parsed.data.Results;
  if (results.length === 0 && parsed.data.OverallStatus?.trim() !== "OK") {
    const error = soapFailure(parsed.data.OverallStatus ?? "", asked);
    return { kind: "refused", outcome: failed(error) };
  }
  if (results.length !== sent) return { kind: "open" };
  const refusals = results.filter(({ StatusCode }) => StatusCode?.trim() !== "OK");
  const [refusal] = refusals;
  if (!refusal) {
    const [first] = results;
    return {
      kind: "done",
      newId: idOf(first?.NewID),
      newObjectId: idOf(first?.NewObjectID),
    };
  }
  const error = soapFailure(refusal.StatusMessage ?? "", asked, idOf(refusal.ErrorCode));
  const done = results.length - refusals.length;
  if (done === 0) return { kind: "refused", outcome: failed(error) };
  return {
    kind: "part",
    done,
    refused: refusals.length,
    outcome: partApplied(`${done} of ${results.length} were done. ${error.userMessage}`, {
      succeeded: done,
      failed: refusals.length,
    }),
  };
}

const idOf = (text: string | null | undefined): string | null =>
  text === null || text === undefined || text.trim() === "" || text.trim() === "0"
    ? null
    : text.trim();

/** Some of it happened, some did not: applied, with the counts of both. */
export const partApplied = (
  summary: string,
  counts: { succeeded: number; failed: number },
): Outcome => ({ kind: "applied", summary, output: counts });
