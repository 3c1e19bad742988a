import { z } from "zod";
import {
  type Answer,
  type ApiFacts,
  type Checkup,
  type ClientIdShape,
  type Greeting,
  isBusy,
  jsonOf,
  type Refused,
  type WhoFacts,
} from "#lib/providers/checkup.ts";
import { marketingCloudProofMeaning } from "#lib/providers/marketing-cloud/errors.ts";
import { userinfoSchema } from "#lib/providers/marketing-cloud/provider.ts";
import { knownScopes } from "#lib/providers/marketing-cloud/scopes.ts";

const oauthErrorSchema = z.object({ error: z.string() });
const restErrorSchema = z.object({ message: z.string(), errorcode: z.number() });
const id = z.union([z.number(), z.string().regex(/^\d{1,12}$/)]).transform(Number);
const tokenContextSchema = z.object({ organization: z.object({ id }) });
const shortName = z.string().regex(/^[A-Za-z0-9]{1,12}$/);
const stackSchema = z.object({
  organization: z.object({ stack_key: shortName, region: shortName.optional() }),
});
const applicationSchema = z.object({
  application: z.object({ redirectUrl: z.array(z.string().max(500)).max(50) }),
});

/**
 * Asked without a token, userinfo and the REST gateway refuse in the vendor's own shapes, and only a
 * tenant that exists does (contract §4.1 and §6).
 */
export const marketingCloudCheckup: Checkup = {
  knockAtLogin: (host) => ({
    host,
    path: "/v2/userinfo",
    read: (answer) => readRefusal(answer, oauthErrorSchema),
  }),
  knockAtApi: (host) => ({
    host,
    path: "/platform/v1/tokenContext",
    read: (answer) => readRefusal(answer, restErrorSchema),
  }),
  examination: ({ tokenHost, restHost }) => ({
    who: { host: tokenHost, path: "/v2/userinfo", needsToken: true, read: readWho },
    api: {
      host: restHost ?? tokenHost,
      path: "/platform/v1/tokenContext",
      needsToken: true,
      read: readContext,
    },
    place: null,
    limits: null,
  }),
  clientIdShape,
  unknownScopes: (scopes) => scopes.filter((scope) => !knownScopes.includes(scope)),
  redirectProblem(uri) {
    const { protocol, hostname } = new URL(uri);
    if (protocol === "https:" && hostname !== "localhost") return null;
    return "Marketing Cloud registers https addresses only, and none on localhost.";
  },
};

function readRefusal(answer: Answer, shape: z.ZodType): Greeting {
  const { status } = answer;
  if (isBusy(status)) return { kind: "busy", status };
  if (status === 404) return { kind: "nobody" };
  const isRefusal = (status === 400 || status === 401) && shape.safeParse(jsonOf(answer)).success;
  return isRefusal ? { kind: "itself" } : { kind: "unfamiliar", status };
}

const refusalOf = ({ status }: Answer): Refused => ({
  refused: marketingCloudProofMeaning(status),
  providerCode: `${status}`,
});
const unreadable = ({ status }: Answer): Refused => ({
  refused: "answer_not_trusted",
  providerCode: `${status}`,
});

function readWho(answer: Answer): WhoFacts | Refused {
  if (answer.status !== 200) return refusalOf(answer);
  const said = jsonOf(answer);
  const who = userinfoSchema.safeParse(said);
  if (!who.success) return unreadable(answer);
  const { user, organization } = who.data;
  const app = applicationSchema.safeParse(said);
  const stack = stackSchema.safeParse(said);
  return {
    userId: user.sub,
    username: user.name ?? user.preferred_username ?? user.sub,
    displayName: user.name ?? null,
    orgId: null,
    memberId: organization.member_id,
    enterpriseName: organization.enterprise_name ?? null,
    stack: stack.success
      ? [stack.data.organization.stack_key, stack.data.organization.region]
          .filter(Boolean)
          .join(", ")
      : null,
    redirectUris: app.success ? app.data.application.redirectUrl : null,
  };
}

/** The vendor's example answers 202: any 2xx counts (contract §4.2). */
function readContext(answer: Answer): ApiFacts | Refused {
  if (answer.status < 200 || answer.status > 299) return refusalOf(answer);
  const context = tokenContextSchema.safeParse(jsonOf(answer));
  return context.success
    ? { version: null, memberId: context.data.organization.id }
    : unreadable(answer);
}

/** 24 small letters and digits; a secret has capitals among them (contract §1). */
function clientIdShape(clientId: string): ClientIdShape {
  const wrong = (looksLike: string, isSecret = false): ClientIdShape => ({
    kind: "wrong",
    looksLike,
    isSecret,
  });
  if (/^[a-z0-9]{24}$/.test(clientId)) return { kind: "usual" };
  if (/^[A-Za-z0-9]{24}$/.test(clientId)) return wrong("a Client Secret", true);
  if (/^3MVG/.test(clientId)) return wrong("a Consumer Key of Salesforce");
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(clientId)) {
    return wrong("a Package ID");
  }
  if (/^https?:/i.test(clientId)) return wrong("an address");
  if (clientId.includes("@")) return wrong("a username");
  return { kind: "unusual" };
}
