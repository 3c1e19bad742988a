import { XMLBuilder, XMLParser } from "fast-xml-parser";
import { z } from "zod";
import { plainText } from "#lib/core/plain-text.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { ConnectionUnderProof, InstanceHosts, ProviderDeps } from "#lib/providers/provider.ts";

const limits = { maxBodyBytes: 512 * 1024, totalMs: 10_000 };
const partnerApi = "http://exacttarget.com/wsdl/partnerAPI";

const parser = new XMLParser({
  removeNSPrefix: true,
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: true,
  isArray: (name) => name === "Results",
});
const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@" });

const answerSchema = z.object({
  Envelope: z.object({
    Body: z.object({
      RetrieveResponseMsg: z.object({
        OverallStatus: z.string(),
        Results: z.array(z.object({ ID: z.string(), Name: plainText })).default([]),
      }),
    }),
  }),
});

/**
 * Asks for the name of the token's business unit, which userinfo does not tell (contract §4.1, §13).
 * Where the token may not read it, or the SOAP host does not answer, the name stays unknown: that is
 * no reason to fail a connection.
 *
 * @returns name by MID
 */
export async function findBusinessUnitName(
  deps: ProviderDeps,
  connection: ConnectionUnderProof,
  hosts: InstanceHosts,
  accessToken: Secret,
): Promise<(memberId: number) => string | null> {
  const none = () => null;
  if (!hosts.soapHost) return none;
  try {
    const answer = await deps.egress.send({
      target: deps.addresses.target(connection.environment, hosts.soapHost),
      method: "POST",
      path: "/Service.asmx",
      headers: { "content-type": "text/xml; charset=utf-8", soapaction: "Retrieve" },
      body: retrieveEnvelope(accessToken),
      limits,
    });
    const parsed = answerSchema.safeParse(parser.parse(answer.body.toString("utf8")));
    if (!parsed.success) return none;
    const units = parsed.data.Envelope.Body.RetrieveResponseMsg.Results;
    return (memberId) => units.find((unit) => unit.ID === String(memberId))?.Name ?? null;
  } catch {
    return none;
  }
}

function retrieveEnvelope(accessToken: Secret): string {
  return builder.build({
    "s:Envelope": {
      "@xmlns:s": "http://schemas.xmlsoap.org/soap/envelope/",
      "s:Header": {
        fueloauth: { "@xmlns": "http://exacttarget.com", "#text": accessToken.reveal() },
      },
      "s:Body": {
        RetrieveRequestMsg: {
          "@xmlns": partnerApi,
          RetrieveRequest: { ObjectType: "BusinessUnit", Properties: ["ID", "Name"] },
        },
      },
    },
  }) as string;
}
