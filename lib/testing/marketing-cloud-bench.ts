import { normalizeTarget } from "#lib/providers/call-target.ts";
import { marketingCloudCalls } from "#lib/providers/marketing-cloud/calls.ts";
import { marketingCloudTokenPlace } from "#lib/providers/marketing-cloud/proxy-dialect.ts";
import type {
  Operation,
  Outcome,
  PreparedStep,
  ProviderApi,
  ProviderRequest,
  ProviderResponse,
  StoredStep,
  WriteOperation,
} from "#lib/providers/operation.ts";
import { OperationRefusedError } from "#lib/providers/operation-errors.ts";
import { previewSchema } from "#lib/providers/preview.ts";
import type { CallClass } from "#lib/providers/proxied-call.ts";
import { findSoapToken, withSoapToken } from "#lib/providers/soap-token.ts";
import { halden, testCloud } from "#lib/simulator/marketing-cloud/testing.ts";

/** What a request is, by the table that guards the proxy; a path that normalisation changes is unknown. */
export function classOfRequest(request: ProviderRequest): CallClass {
  const { method, path, query, contentType, soapAction, door, body } = request;
  const target = normalizeTarget(path, query);
  if (target.kind === "refused" || target.path !== path || target.query !== query) return "unknown";
  const bytes = body === null ? null : new TextEncoder().encode(body);
  return marketingCloudCalls.classify({
    ...{ method, path, query, contentType, soapAction, door },
    body: bytes,
  }).class;
}

export type Bench = Awaited<ReturnType<typeof marketingCloudBench>>;

/**
 * Operations against the simulated provider, with a person's token: reads pass only if the call table says
 * that they are reads, and what is prepared is stored and given back as the studio does.
 */
export async function marketingCloudBench(
  who: { username?: string; accountId?: number } = {},
  cloud = testCloud(),
) {
  const { username = halden.dana, accountId } = who;
  const trading = accountId === undefined ? {} : { account_id: accountId };
  const { access } = await cloud.connect({}, username, trading);
  const sent: ProviderRequest[] = [];

  async function send(request: ProviderRequest): Promise<ProviderResponse> {
    sent.push(request);
    const query = request.query === "" ? "" : `?${request.query}`;
    const isSoap = request.door === "soap";
    const answer = await cloud.send(
      request.method,
      cloud.url(request.door, `${request.path}${query}`),
      {
        headers: {
          ...request.headers,
          ...(request.contentType === null ? {} : { "content-type": request.contentType }),
          ...(request.soapAction === null ? {} : { soapaction: request.soapAction }),
          ...(isSoap ? {} : { authorization: `Bearer ${access}` }),
        },
        ...(request.body === null
          ? {}
          : { body: isSoap ? withToken(request.body, access) : request.body }),
      },
    );
    return { status: answer.status, headers: {}, body: answer.text };
  }

  const api: ProviderApi = {
    provider: "marketing-cloud",
    signal: new AbortController().signal,
    progress: () => undefined,
    wait: async (ms) => cloud.clock.advanceSeconds(ms / 1000),
    read: async (request) => {
      if (classOfRequest(request) !== "read") throw new OperationRefusedError("not a read");
      return send(request);
    },
  };

  /** Input as a program gives it; output as a program gets it. */
  // biome-ignore lint/suspicious/noExplicitAny: any operation's answer, read by tests
  async function run(operation: Operation, input: unknown): Promise<any> {
    if (operation.effect !== "read") throw new Error(`${operation.id} is no read`);
    return operation.output.parse(await operation.run(api, operation.input.parse(input)));
  }

  async function prepare(operation: Operation, input: unknown): Promise<PreparedStep[]> {
    const write = asWrite(operation);
    const steps = await write.prepare(api, write.input.parse(input));
    for (const step of steps) checkStep(write, step);
    return steps;
  }

  /** Where there is one step and no other. */
  async function prepareOne(operation: Operation, input: unknown): Promise<PreparedStep> {
    const [step, ...more] = await prepare(operation, input);
    if (!step || more.length > 0)
      throw new Error(`${operation.id} made ${more.length + (step ? 1 : 0)} steps`);
    return step;
  }

  /** What an answer means, whenever it came. */
  const conclude = (operation: Operation, step: PreparedStep, answer: ProviderResponse) =>
    asWrite(operation).conclude(api, stored(step), answer);

  /** What a stored step is read back as. */
  const stored = ({ request, observed, context }: PreparedStep): StoredStep =>
    structuredClone({ request, observed, context });

  /** As an approved step goes: looked at again, sent once, and its answer judged. */
  async function apply(operation: Operation, step: PreparedStep): Promise<Outcome | "drifted"> {
    const write = asWrite(operation);
    const now = await write.observe(api, stored(step));
    if (JSON.stringify(now) !== JSON.stringify(step.observed)) return "drifted";
    return write.conclude(api, stored(step), await send(step.request));
  }

  /** The connection breaks, and nobody hears the answer. */
  async function cut(
    operation: Operation,
    step: PreparedStep,
    when: "before-work" | "after-work",
  ): Promise<Outcome> {
    if (when === "after-work") await send(step.request);
    return asWrite(operation).settle(api, stored(step));
  }

  /** Prepares and applies all steps. */
  async function all(operation: Operation, input: unknown): Promise<(Outcome | "drifted")[]> {
    const outcomes: (Outcome | "drifted")[] = [];
    for (const step of await prepare(operation, input)) {
      outcomes.push(await apply(operation, step));
    }
    return outcomes;
  }

  return { cloud, api, sent, send, run, prepare, prepareOne, apply, conclude, cut, all };
}

function asWrite(operation: Operation): WriteOperation {
  if (operation.effect === "read") throw new Error(`${operation.id} is a read`);
  return operation;
}

function withToken(body: string, token: string): string {
  const found = findSoapToken(new TextEncoder().encode(body), marketingCloudTokenPlace);
  if (found.kind === "refused") throw new Error(`no place for the token: ${found.reason}`);
  return withSoapToken(found, token).toString("utf8");
}

const mostObservedBytes = 64 * 1024;

/** What every step keeps to, whatever its operation. */
function checkStep(operation: WriteOperation, step: PreparedStep): void {
  previewSchema.parse(step.preview);
  const copy: PreparedStep = JSON.parse(JSON.stringify(step));
  if (JSON.stringify(copy) !== JSON.stringify(step)) throw new Error("a step is more than JSON");
  const bytes = Buffer.byteLength(JSON.stringify(step.observed));
  if (bytes > mostObservedBytes) throw new Error(`observed is ${bytes} bytes`);
  const callClass = classOfRequest(step.request);
  if (callClass !== "write" && callClass !== "code") {
    throw new Error(`${operation.id} would send a call of class ${callClass}`);
  }
}
