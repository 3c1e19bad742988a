import { lineOf } from "#lib/core/plain-text.ts";
import { recordsOfCall } from "#lib/plans/proxied-records.ts";
import type {
  Effect,
  Outcome,
  PreparedStep,
  ProviderRequest,
  ProviderResponse,
  WriteOperation,
} from "#lib/providers/operation.ts";
import type { Preview, Warning } from "#lib/providers/preview.ts";
import type { ClassedCall } from "#lib/providers/proxied-call.ts";
import { parseStrictJson } from "#lib/providers/strict-json.ts";
import { unknownRecipients } from "#lib/providers/vocabulary.ts";

/** The operation of a step that is a call as the proxy got it, and no operation of the registry. */
export const PROXIED_CALL = "proxy.call";

/** What a step needs of its operation once it is stored. */
export type StepOperation = Pick<WriteOperation, "observe" | "conclude" | "settle">;

/**
 * A raw call as a step. Nobody knows what it changes beside what stands in it: the preview shows the call
 * itself and says so, nothing is read before it is sent, and nothing tells afterwards whether a call without
 * an answer happened (PLN-5).
 */
export const proxiedCall: StepOperation = {
  observe: async () => null,
  conclude: async (_api, { request }, response) => concluded(request, response),
  settle: async () => ({
    kind: "unknown",
    summary: "No answer came, and the studio cannot tell from outside whether this call was done.",
  }),
};

/** @param classed - as the call table has it; no read and no maker of credentials */
export function proxiedStep(request: ProviderRequest, classed: ClassedCall): PreparedStep {
  const effect = effectOf(classed);
  const records = recordsOfCall(request, classed);
  return {
    title: lineOf(`${request.method} ${decoded(request.path)}`, 200),
    effect,
    request,
    preview: previewOf(request, classed),
    records,
    // A send passes no limit of people by being written as a raw call: nobody has counted them.
    recipients: classed.class === "write" ? 0 : unknownRecipients,
    observed: null,
    context: { operation: classed.operation, class: classed.class },
  };
}

/** What is not known to be a plain write counts as what may do anything. */
function effectOf({ class: callClass, operation, removes }: ClassedCall): Exclude<Effect, "read"> {
  if (callClass !== "write") return operation.endsWith(".send") ? "send" : "code";
  return removes ? "destructive" : "write";
}

/** What is longer is shown whole below, never cut (PLN-9). */
const mostInFact = 4_000;

function previewOf(request: ProviderRequest, classed: ClassedCall): Preview {
  const { door, body } = request;
  const said = saidOf(request, classed);
  const isLong = ({ value }: { value: string }) => value.length > mostInFact;
  const facts = said.map(({ label, value }) => ({
    label,
    value: isLong({ value })
      ? `${value.length.toLocaleString("en-US")} characters, shown whole below`
      : value,
  }));
  const long = said
    .filter(isLong)
    .map(({ label, value }) => ({ label, kind: "text" as const, before: null, after: value }));
  return {
    changes: [],
    changesTotal: 0,
    rows: null,
    bodies: [
      ...(body === null
        ? []
        : [{ label: "Body", kind: kindOf(door, body), before: null, after: body }]),
      ...long,
    ],
    recipients: null,
    facts: facts.filter(({ value }) => value !== "").slice(0, 30),
    warnings: warningsOf(request, classed),
  };
}

const saidOf = (
  { method, path, query, contentType, soapAction, headers }: ProviderRequest,
  { operation }: ClassedCall,
): { label: string; value: string }[] => [
  { label: "Method", value: method },
  { label: "Address", value: path },
  { label: "Query", value: query },
  { label: "Content type", value: contentType ?? "" },
  { label: "SOAP action", value: soapAction ?? "" },
  ...Object.entries(headers).map(([name, value]) => ({ label: `Header ${name}`, value })),
  { label: "Known as", value: operation },
];

function warningsOf({ door, body }: ProviderRequest, classed: ClassedCall): Warning[] {
  const warnings: Warning[] = [
    {
      code: "no_preview",
      text: "This is a raw call. The studio shows what is sent, and cannot show what it changes.",
    },
  ];
  if (classed.class === "unknown") {
    warnings.push({
      code: "undocumented_route",
      text: "The studio does not know this call. It may do anything that the sign-in may do.",
    });
  }
  if (classed.class !== "write") {
    warnings.push({
      code: "send",
      text: "It may write to people. How many it reaches is not known.",
    });
  }
  if (classed.removes) {
    warnings.push({ code: "delete", text: "This call removes something, or a part of it does." });
  }
  if (door === "rest" && isReadTwoWays(body)) {
    warnings.push({
      code: "undocumented_route",
      text: "Its body gives a name twice in one object. Which of the two counts is up to the provider.",
    });
  }
  return warnings;
}

const kindOf = (door: ProviderRequest["door"], body: string): "json" | "text" =>
  door === "rest" && parsed(body) !== undefined ? "json" : "text";

const isReadTwoWays = (body: string | null): boolean =>
  body !== null && parsed(body) !== undefined && parseStrictJson(body) === undefined;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function concluded({ door }: ProviderRequest, { status, body }: ProviderResponse): Outcome {
  const output = { status };
  if (status >= 500 && !(door === "soap" && /<(?:\w+:)?Fault[\s>]/.test(body))) {
    return {
      kind: "unknown",
      summary: `The provider answered ${status}, which does not say whether the call was done.`,
    };
  }
  if (status >= 300 || saysRefused(door, body)) {
    return {
      kind: "failed",
      summary: `The provider refused this call, or a part of it (${status}).`,
      code: "operations.refused_by_provider",
      output,
    };
  }
  return { kind: "applied", summary: `The provider took this call (${status}).`, output };
}

/** An answer of 200 may hold parts that were refused. */
function saysRefused(door: ProviderRequest["door"], body: string): boolean {
  if (door === "soap") {
    return (
      /<(?:\w+:)?OverallStatus>(?!OK<)/.test(body) ||
      /<(?:\w+:)?(?:StatusCode)>(?!OK<)/.test(body) ||
      /<(?:\w+:)?success>false</.test(body)
    );
  }
  const answer = parsed(body);
  const parts = [answer, ...(Array.isArray(answer) ? answer : []), ...partsOf(answer)];
  return parts.some((part) => {
    const { success, hasErrors, httpStatusCode, statusCode } = (part ?? {}) as Record<
      string,
      unknown
    >;
    return success === false || hasErrors === true || over(httpStatusCode) || over(statusCode);
  });
}

const over = (status: unknown) => typeof status === "number" && status >= 300;
const partsOf = (answer: unknown): unknown[] =>
  Object.values((answer ?? {}) as object).flatMap((value) => (Array.isArray(value) ? value : []));
