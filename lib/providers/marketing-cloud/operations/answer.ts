import { z } from "zod";
import { quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import { parseSoap } from "#lib/providers/marketing-cloud/soap-answer.ts";
import type {
  Outcome,
  ProviderApi,
  ProviderRequest,
  ProviderResponse,
} from "#lib/providers/operation.ts";
import { OperationFailedError, type OperationFailure } from "#lib/providers/operation-errors.ts";

/** What a request is about, for the words of its refusals. */
export type Asked = {
  /** With its article: "the data extension “Orders”". */
  what: string;
  scopes: readonly string[];
};

/** Says which one; the name is the asker's own. */
export const named = (kind: string, name: string): string => `${kind} ${quotedName(name)}`;

/**
 * Reads with one REST request.
 *
 * @throws {OperationFailedError} refused, or an answer that cannot be read
 */
export async function readRest<T>(
  api: ProviderApi,
  request: ProviderRequest,
  schema: z.ZodType<T>,
  asked: Asked,
): Promise<T> {
  const response = await api.read(request);
  if (!isTaken(response)) throw restFailure(response, asked);
  const parsed = schema.safeParse(jsonOf(response.body));
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}

/** Like `readRest`; null where there is no such thing. */
export async function findRest<T>(
  api: ProviderApi,
  request: ProviderRequest,
  schema: z.ZodType<T>,
  asked: Asked,
): Promise<T | null> {
  try {
    return await readRest(api, request, schema, asked);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

export const isNotFound = (error: unknown): boolean =>
  error instanceof OperationFailedError && error.code === "operations.not_found";

export const unreadable = (cause?: unknown) =>
  new OperationFailedError(
    "operations.unreadable_answer",
    "Marketing Cloud answered in a form that the studio does not know.",
    { cause },
  );

export function jsonOf(body: string): unknown {
  if (body.trim() === "") return {};
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const problemSchema = z.object({ errorcode: z.coerce.number() });
const errorCodeOf = (body: string): number | null =>
  problemSchema.safeParse(jsonOf(body)).data?.errorcode ?? null;

const isSuccess = ({ status }: ProviderResponse) => status >= 200 && status < 300;

/** 2xx, empty or JSON, and no error inside: some routes answer 202 with one. */
export const isTaken = (response: ProviderResponse): boolean =>
  isSuccess(response) &&
  jsonOf(response.body) !== undefined &&
  (errorCodeOf(response.body) ?? 0) === 0;

const inputWords: Readonly<Record<number, string>> = {
  10001: "a value is of the wrong type",
  10002: "something that it needs is missing",
  10003: "a value is not in the form that it takes",
  10004: "the request is not in the form that it takes",
  10005: "a value is outside of what it takes",
  10006: "several values do not fit",
};

/** What a refused REST call means. @see contract of Marketing Cloud, section 6 */
export function restFailure({ status, body }: ProviderResponse, asked: Asked) {
  const code = errorCodeOf(body);
  const providerCode = code === null || code === 0 ? `HTTP_${status}` : String(code);
  const fail = (reason: OperationFailure, words: string) =>
    new OperationFailedError(reason, words, { providerCode });
  if (status === 429 || status === 503 || status >= 500) {
    if (status === 596) return fail("operations.not_found", "Marketing Cloud has no such address.");
    return busy(providerCode);
  }
  if (status === 404 || code === 30003) return notFound(asked, providerCode);
  if (status === 403 && (code === null || code === 0)) return missingScope(asked, providerCode);
  if (status === 401 || status === 403) return noPermission(asked, providerCode);
  if (code === 30004) return fail("operations.conflict", `There is already ${asked.what}.`);
  if (status === 409 || code === 30002) {
    return fail(
      "operations.conflict",
      `Marketing Cloud does not allow this in the state that ${asked.what} is in.`,
    );
  }
  const why = inputWords[code ?? 0];
  return fail(
    "operations.refused_by_provider",
    why
      ? `Marketing Cloud refused this for ${asked.what}: ${why}.`
      : `Marketing Cloud refused this for ${asked.what}.`,
  );
}

export const busy = (providerCode: string | null = null) =>
  new OperationFailedError(
    "operations.provider_busy",
    "Marketing Cloud cannot answer at the moment.",
    { providerCode },
  );

export const notFound = (asked: Asked, providerCode: string | null = null) =>
  new OperationFailedError(
    "operations.not_found",
    `Marketing Cloud does not know ${asked.what} in this business unit.`,
    { providerCode },
  );

const missingScope = ({ what, scopes }: Asked, providerCode: string | null) =>
  new OperationFailedError(
    "operations.missing_scope",
    `This needs ${scopes.length === 1 ? "the scope" : "the scopes"} ${scopes.join(", ")} on the connection, and the same permission of yours in Marketing Cloud, for ${what}.`,
    { providerCode },
  );

const noPermission = ({ what }: Asked, providerCode: string | null) =>
  new OperationFailedError(
    "operations.no_permission",
    `Marketing Cloud does not let you do this with ${what}.`,
    { providerCode },
  );

/** The one element of a SOAP answer's body. */
const bodySchema = z.object({ Envelope: z.object({ Body: z.record(z.string(), z.unknown()) }) });
const faultSchema = z.object({ faultcode: z.string(), faultstring: z.string() });

export type SoapBody =
  | { kind: "message"; name: string; message: unknown }
  | { kind: "fault"; words: string; isServers: boolean }
  | { kind: "unreadable" };

export function soapBodyOf({ body }: ProviderResponse): SoapBody {
  const parsed = bodySchema.safeParse(parseSoap(body, { keepsSpace: true }));
  const parts = Object.entries(parsed.data?.Envelope.Body ?? {});
  const [name, message] = parts.find(([part]) => !part.startsWith("#")) ?? [];
  if (name === undefined) return { kind: "unreadable" };
  if (name !== "Fault") return { kind: "message", name, message };
  const fault = faultSchema.safeParse(message);
  if (!fault.success) return { kind: "unreadable" };
  const isServers = /server$/i.test(fault.data.faultcode.trim());
  return { kind: "fault", words: fault.data.faultstring, isServers };
}

/** What a fault or an `Error: …` status means; its words are not shown. */
export function soapFailure(words: string, asked: Asked, providerCode: string | null = null) {
  const fail = (reason: OperationFailure, text: string) =>
    new OperationFailedError(reason, text, { providerCode });
  if (/permission|insufficient privileges|not authorized/i.test(words)) {
    return missingScope(asked, providerCode ?? "permission");
  }
  if (/token expired|login failed|authorization failed/i.test(words)) {
    return noPermission(asked, providerCode ?? "security");
  }
  if (/continuerequest/i.test(words)) {
    return fail(
      "operations.bad_query",
      "This list has ended or is no longer kept. Ask again from the beginning.",
    );
  }
  if (/do not match with the fields|filter property/i.test(words)) {
    return fail("operations.bad_query", `${asked.what} has no such field to ask for.`);
  }
  if (/does not exist|not found|no row was found/i.test(words)) {
    return notFound(asked, providerCode);
  }
  if (/already in use|already exists|duplicate/i.test(words)) {
    return fail("operations.conflict", `There is already ${asked.what}.`);
  }
  return fail("operations.refused_by_provider", `Marketing Cloud refused this for ${asked.what}.`);
}

export const failed = (error: OperationFailedError): Outcome => ({
  kind: "failed",
  summary: error.userMessage,
  code: error.code,
  output: error.providerCode === null ? {} : { providerCode: error.providerCode },
});

/** Reading back shows the state from before. */
export const notHappened = (summary: string): Outcome => ({
  kind: "failed",
  summary,
  code: "operations.not_applied",
  output: {},
});

/**
 * Whether an answer leaves it open what happened, so that reading back has to tell: a fault of theirs, a
 * way elsewhere, or a page in the place of an answer.
 */
export const isOpen = (response: ProviderResponse): boolean => {
  const { status } = response;
  if (isSuccess(response)) return jsonOf(response.body) === undefined;
  return status < 400 || (status >= 500 && status !== 503 && status !== 596);
};

/**
 * What came of a write by REST: what its answer tells in the form that the contract gives it, or a refusal.
 * An answer that says neither is no word of the provider's, and reading back has to tell.
 */
export async function concludeRest<T>(
  response: ProviderResponse,
  schema: z.ZodType<T>,
  ends: {
    done(told: T): Outcome | Promise<Outcome>;
    refused(): Outcome | Promise<Outcome>;
    settle(): Outcome | Promise<Outcome>;
  },
): Promise<Outcome> {
  if (isOpen(response)) return ends.settle();
  if (!isTaken(response)) return ends.refused();
  const told = schema.safeParse(jsonOf(response.body));
  return told.success ? ends.done(told.data) : ends.settle();
}
