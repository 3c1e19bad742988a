import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { notFound, RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import { bodyOf, isTrue, listOf, methodNotAllowed } from "#lib/simulator/salesforce/rest-body.ts";
import type { RestCall } from "#lib/simulator/salesforce/rest-call.ts";
import { collections } from "#lib/simulator/salesforce/rest-collections.ts";
import { tree } from "#lib/simulator/salesforce/rest-tree.ts";

type Sub = {
  method?: string;
  url?: string;
  body?: unknown;
  referenceId?: string;
  richInput?: unknown;
  httpHeaders?: Record<string, string>;
};

export type Dispatch = (call: RestCall, part: Part) => SimulatorResponse;
export type Part = { method: string; url: string; body: unknown; headers: Record<string, string> };

type Answer = {
  body: unknown;
  httpHeaders: Record<string, string | string[]>;
  httpStatusCode: number;
  referenceId: string;
};

const mostParts = 25;

const answerOf = (answer: SimulatorResponse): unknown =>
  answer.body.length ? JSON.parse(String(answer.body)) : null;

const halted = (message: string) => new RestRefusal(400, "PROCESSING_HALTED", message);

/** `@{ref.field.field}` in a later request stands for what an earlier one answered. */
function fillIn(value: unknown, answers: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === "string") {
    return value.replaceAll(/@\{(\w+)\.([\w.[\]]+)\}/g, (_, name: string, path: string) => {
      const found = path
        .split(/[.[\]]+/)
        .filter(Boolean)
        .reduce<unknown>(
          (at, step) => (at as Record<string, unknown> | null)?.[step],
          answers.get(name),
        );
      if (found === undefined || found === null || typeof found === "object") {
        throw halted(`Invalid reference specified. No value for ${name}.${path} found in ${name}`);
      }
      return String(found);
    });
  }
  if (Array.isArray(value)) return value.map((item) => fillIn(item, answers));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillIn(item, answers)]),
  );
}

const headersOf = (sub: Sub): Record<string, string> =>
  Object.fromEntries(
    Object.entries(sub.httpHeaders ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      String(value),
    ]),
  );

/** @throws {RestRefusal} a composite in a composite, or an address outside */
function requireInner(url: string): void {
  if (/^\/services\/data\/v\d+\.0\/+composite\/*(?!\/*sobjects(?:[/?]|$))/i.test(url)) {
    throw new RestRefusal(400, "INVALID_INPUT", "a composite request cannot hold another");
  }
}

function composite(call: RestCall, dispatch: Dispatch): SimulatorResponse {
  const body = bodyOf(call);
  const parts = listOf(body.compositeRequest, mostParts) as Sub[];
  const names = parts.map(({ referenceId }) => referenceId);
  if (
    names.some((name) => !/^[A-Za-z]\w*$/.test(name ?? "")) ||
    new Set(names).size < names.length
  ) {
    throw new RestRefusal(400, "INVALID_INPUT", "each request needs a referenceId of its own");
  }
  const allOrNone = isTrue(body.allOrNone);
  const isGood = ({ httpStatusCode }: Answer) => httpStatusCode < 300;
  const run = (): Answer[] => {
    const answers = new Map<string, unknown>();
    const done: Answer[] = [];
    for (const sub of parts) {
      const referenceId = sub.referenceId as string;
      try {
        if (allOrNone && !done.every(isGood)) throw halted(rolledBackText);
        const url = String(fillIn(sub.url, answers));
        requireInner(url);
        const answer = dispatch(call, {
          method: (sub.method ?? "GET").toUpperCase(),
          url,
          body: fillIn(sub.body, answers),
          headers: headersOf(sub),
        });
        const told = answerOf(answer);
        // What was refused gives later requests nothing to refer to.
        if (answer.status < 300) answers.set(referenceId, told);
        const { location } = answer.headers;
        const httpHeaders = location ? { Location: location } : {};
        done.push({ body: told, httpHeaders, httpStatusCode: answer.status, referenceId });
      } catch (error) {
        if (!(error instanceof RestRefusal)) throw error;
        const httpStatusCode = error.status;
        done.push({ body: error.toBody(), httpHeaders: {}, httpStatusCode, referenceId });
      }
    }
    return done;
  };
  const done = call.store.atomically(run, (all) => !allOrNone || all.every(isGood));
  if (!allOrNone || done.every(isGood)) return json(200, { compositeResponse: done });
  const refused = halted(rolledBackText).toBody();
  const compositeResponse = done.map((answer) =>
    isGood(answer) ? { ...answer, httpStatusCode: 400, httpHeaders: {}, body: refused } : answer,
  );
  return json(200, { compositeResponse });
}

const rolledBackText =
  "The transaction was rolled back since another operation in the same transaction failed.";

function batch(call: RestCall, dispatch: Dispatch): SimulatorResponse {
  const body = bodyOf(call);
  let isHalted = false;
  const results = (listOf(body.batchRequests, mostParts) as Sub[]).map((sub) => {
    try {
      if (isHalted) {
        throw new RestRefusal(
          412,
          "BATCH_PROCESSING_HALTED",
          "Batch processing halted per request",
        );
      }
      const url = String(sub.url).replace(/^\/?(?=v\d)/, "/services/data/");
      requireInner(url);
      const answer = dispatch(call, {
        method: (sub.method ?? "GET").toUpperCase(),
        url,
        body: sub.richInput,
        headers: {},
      });
      isHalted ||= isTrue(body.haltOnError) && answer.status >= 400;
      return { statusCode: answer.status, result: answerOf(answer) };
    } catch (error) {
      if (!(error instanceof RestRefusal)) throw error;
      isHalted ||= isTrue(body.haltOnError);
      return { statusCode: error.status, result: error.toBody() };
    }
  });
  return json(200, { hasErrors: results.some(({ statusCode }) => statusCode >= 400), results });
}

/** Everything below `composite`. */
export function compositeResource(
  call: RestCall,
  path: readonly string[],
  dispatch: Dispatch,
): SimulatorResponse {
  const [name, ...rest] = path;
  if (name?.toLowerCase() === "sobjects") return collections(call, rest);
  const { method } = call.request;
  if (method !== "POST") throw methodNotAllowed(method, "POST");
  if (name === undefined) return composite(call, dispatch);
  if (name.toLowerCase() === "batch") return batch(call, dispatch);
  if (name.toLowerCase() === "tree" && rest[0]) return tree(call, rest[0]);
  throw notFound();
}
