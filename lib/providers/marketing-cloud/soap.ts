import { XMLBuilder } from "fast-xml-parser";
import { z } from "zod";
import type { Secret } from "#lib/core/secret.ts";
import { marketingCloudSoapMeaning } from "#lib/providers/marketing-cloud/errors.ts";
import { decoded, parseSoap } from "#lib/providers/marketing-cloud/soap-answer.ts";
import type { ConnectionUnderProof, InstanceHosts, ProviderDeps } from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

/** A page holds at most 2,500 objects; one with every name at its longest is about 2 MB. */
const limits = { maxBodyBytes: 4 * 1024 * 1024, totalMs: 15_000 };
const partnerApi = "http://exacttarget.com/wsdl/partnerAPI";

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@" });

const text = z.string().max(4_000).transform(decoded);
const answerSchema = z.object({
  Envelope: z.object({
    Body: z.union([
      z.object({
        RetrieveResponseMsg: z.object({
          OverallStatus: text,
          RequestID: text,
          Results: z.array(z.unknown()).default([]),
        }),
      }),
      z.object({ Fault: z.object({ faultcode: text, faultstring: text }) }),
    ]),
  }),
});

export type Retrieve = {
  objectType: string;
  properties: readonly string[];
  /** From the parent: every business unit's objects. */
  isOfAllAccounts?: boolean;
  /** The page after the one that carried this id. */
  continues?: string;
};

export type RetrieveAnswer =
  | { kind: "page"; requestId: string; hasMore: boolean; results: unknown[] }
  | { kind: "refused"; reason: ReasonCode };

/**
 * One page of a SOAP Retrieve. The answer is a stranger's: bounded, without document types or entities
 * of its own, and everything that is no answer of this shape has a reason. Errors come with HTTP 200
 * and a status, faults with 500.
 *
 * @returns results as they were parsed, for the caller's schema
 * @throws {EgressError} no whole answer came
 * @see contract of Marketing Cloud, section 13
 */
export async function retrieve(
  deps: ProviderDeps,
  connection: ConnectionUnderProof,
  hosts: InstanceHosts,
  accessToken: Secret,
  request: Retrieve,
): Promise<RetrieveAnswer> {
  if (!hosts.soapHost) return { kind: "refused", reason: "answer_not_trusted" };
  const answer = await deps.egress.send({
    target: deps.addresses.target(connection.environment, hosts.soapHost),
    method: "POST",
    path: "/Service.asmx",
    headers: { "content-type": "text/xml; charset=utf-8", soapaction: "Retrieve" },
    body: envelope(accessToken, request),
    limits,
  });
  const parsed = answerSchema.safeParse(parseSoap(answer.body.toString("utf8")));
  if (!parsed.success) {
    const reason = answer.status === 200 ? "answer_not_trusted" : soapReason(answer.status, "");
    return { kind: "refused", reason };
  }
  const body = parsed.data.Envelope.Body;
  if ("Fault" in body) {
    return { kind: "refused", reason: soapReason(answer.status, body.Fault.faultstring) };
  }
  const { OverallStatus: status, RequestID: requestId, Results } = body.RetrieveResponseMsg;
  const hasMore = status === "MoreDataAvailable";
  if (!hasMore && status !== "OK") return { kind: "refused", reason: soapReason(200, status) };
  return { kind: "page", requestId, hasMore, results: Results };
}

const soapReason = marketingCloudSoapMeaning;

function envelope(accessToken: Secret, request: Retrieve): string {
  const { objectType, properties, isOfAllAccounts = false, continues } = request;
  return builder.build({
    "s:Envelope": {
      "@xmlns:s": "http://schemas.xmlsoap.org/soap/envelope/",
      "s:Header": {
        fueloauth: { "@xmlns": "http://exacttarget.com", "#text": accessToken.reveal() },
      },
      "s:Body": {
        RetrieveRequestMsg: {
          "@xmlns": partnerApi,
          RetrieveRequest: {
            ObjectType: objectType,
            Properties: [...properties],
            ...(continues === undefined ? {} : { ContinueRequest: continues }),
            ...(isOfAllAccounts ? { QueryAllAccounts: "true" } : {}),
          },
        },
      },
    },
  }) as string;
}
