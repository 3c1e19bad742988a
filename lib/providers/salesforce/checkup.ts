import { z } from "zod";
import { plainText } from "#lib/core/plain-text.ts";
import {
  type Answer,
  type ApiFacts,
  type Checkup,
  type ClientIdShape,
  type Greeting,
  isBusy,
  jsonOf,
  type LimitFacts,
  type PlaceFacts,
  type Refused,
  type WhoFacts,
} from "#lib/providers/checkup.ts";
import { salesforceApiMeaning } from "#lib/providers/salesforce/errors.ts";
import { userinfoSchema } from "#lib/providers/salesforce/provider.ts";
import { salesforceScopes } from "#lib/providers/salesforce/scopes.ts";

/** Old enough for every org, new enough for all that is asked here. */
const apiVersion = "v60.0";

const discoverySchema = z.object({ issuer: z.string().max(300) });
const versionsSchema = z.array(z.object({ version: z.string().regex(/^\d{2,3}\.\d$/) })).min(1);
const limitsSchema = z.object({
  DailyApiRequests: z.object({
    Max: z.number().int().nonnegative(),
    Remaining: z.number().int(),
  }),
});
const organizationSchema = z.object({
  records: z
    .array(
      z.object({
        Name: plainText,
        IsSandbox: z.boolean(),
        InstanceName: plainText.nullish(),
        OrganizationType: plainText.nullish(),
      }),
    )
    .min(1),
});

const organizationQuery = encodeURIComponent(
  "SELECT Name, InstanceName, IsSandbox, OrganizationType FROM Organization LIMIT 1",
);

/** @see contract of Salesforce, sections 1, 5 and 6 */
export const salesforceCheckup: Checkup = {
  knockAtLogin: (host) => ({
    host,
    path: "/.well-known/openid-configuration",
    read: (answer, hostOf) => readDiscovery(host, answer, hostOf),
  }),
  knockAtApi: null,
  examination({ tokenHost, instanceHost }) {
    const host = instanceHost ?? tokenHost;
    return {
      who: {
        host: tokenHost,
        path: "/services/oauth2/userinfo",
        needsToken: true,
        read: readWho,
      },
      api: { host, path: "/services/data", needsToken: false, read: readVersions },
      place: {
        host,
        path: `/services/data/${apiVersion}/query?q=${organizationQuery}`,
        needsToken: true,
        read: readOrganization,
      },
      limits: {
        host,
        path: `/services/data/${apiVersion}/limits`,
        needsToken: true,
        read: readLimits,
      },
    };
  },
  clientIdShape,
  unknownScopes: (scopes) =>
    scopes.filter((scope) => !salesforceScopes.some((known) => known.scope === scope)),
  redirectProblem: () => null,
};

function readDiscovery(
  host: string,
  answer: Answer,
  hostOf: (url: string) => string | null,
): Greeting {
  if (isBusy(answer.status)) return { kind: "busy", status: answer.status };
  if (answer.isRedirect) {
    // Where it sends people on is looked at, never called (NET-4).
    const other = hostOf(originOf(answer.headers.get("location") ?? ""));
    return other !== null && other !== host
      ? { kind: "elsewhere", host: other }
      : { kind: "unfamiliar", status: answer.status };
  }
  if (answer.status === 404) return { kind: "nobody" };
  const said = discoverySchema.safeParse(jsonOf(answer));
  if (answer.status !== 200 || !said.success) {
    return { kind: "unfamiliar", status: answer.status };
  }
  const issuer = hostOf(said.data.issuer);
  if (issuer === host) return { kind: "itself" };
  return issuer === null
    ? { kind: "unfamiliar", status: answer.status }
    : { kind: "elsewhere", host: issuer };
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "";
}

function refusalOf(answer: Answer): Refused {
  const body = answer.body.toString("utf8").slice(0, 4000);
  const code = /[A-Z][A-Za-z_]{5,60}/.exec(body)?.[0] ?? "";
  return {
    refused: salesforceApiMeaning(answer.status, body),
    providerCode: `${answer.status} ${code}`.trim(),
  };
}

/** An answer that is there and says nothing we can use. */
const unreadable = (answer: Answer): Refused => ({
  refused: "answer_not_trusted",
  providerCode: `${answer.status}`,
});

function readWho(answer: Answer): WhoFacts | Refused {
  if (answer.status !== 200) return refusalOf(answer);
  const who = userinfoSchema.safeParse(jsonOf(answer));
  if (!who.success) return unreadable(answer);
  return {
    userId: who.data.user_id,
    username: who.data.preferred_username,
    displayName: who.data.name ?? null,
    orgId: who.data.organization_id,
    memberId: null,
    enterpriseName: null,
    stack: null,
    redirectUris: null,
  };
}

function readOrganization(answer: Answer): PlaceFacts | Refused {
  if (answer.status !== 200) return refusalOf(answer);
  const found = organizationSchema.safeParse(jsonOf(answer));
  const org = found.success ? found.data.records[0] : undefined;
  if (org === undefined) return unreadable(answer);
  return {
    name: org.Name,
    isSandbox: org.IsSandbox,
    edition: org.OrganizationType ?? null,
    instance: org.InstanceName ?? null,
  };
}

function readVersions(answer: Answer): ApiFacts | Refused {
  if (answer.status !== 200) return refusalOf(answer);
  const versions = versionsSchema.safeParse(jsonOf(answer));
  if (!versions.success) return unreadable(answer);
  const newest = Math.max(...versions.data.map(({ version }) => Number(version)));
  return { version: newest.toFixed(1), memberId: null };
}

function readLimits(answer: Answer): LimitFacts | Refused {
  if (answer.status !== 200) return refusalOf(answer);
  const limits = limitsSchema.safeParse(jsonOf(answer));
  if (!limits.success) return unreadable(answer);
  const { Max, Remaining } = limits.data.DailyApiRequests;
  return { used: Max - Remaining, max: Max };
}

/** A Consumer Key begins with 3MVG and is long; the rest is what people copy by mistake. */
function clientIdShape(clientId: string): ClientIdShape {
  const wrong = (looksLike: string, isSecret = false): ClientIdShape => ({
    kind: "wrong",
    looksLike,
    isSecret,
  });
  if (/^3MVG[\w.]{36,}$/.test(clientId) || clientId === "PlatformCLI") return { kind: "usual" };
  if (/^04t[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/.test(clientId)) return wrong("a package id");
  if (/^(?:0H4|0Ci|00D|888)[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/.test(clientId)) {
    return wrong("an id of a record, not of the app's key");
  }
  if (/^[0-9A-F]{64}$/i.test(clientId) || /^\d{16,20}$/.test(clientId)) {
    return wrong("a Consumer Secret", true);
  }
  if (clientId.includes("@")) return wrong("a username");
  if (/^https?:/i.test(clientId)) return wrong("an address");
  if (/^[a-z0-9]{24}$/.test(clientId)) return wrong("a Client ID of Marketing Cloud");
  return { kind: "unusual" };
}
