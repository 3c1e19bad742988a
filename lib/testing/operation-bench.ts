import { normalizeTarget } from "#lib/providers/call-target.ts";
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
import type { CallClass, CallTable } from "#lib/providers/proxied-call.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

/** What a request is, by the table that guards the proxy; a path that normalisation changes is unknown. */
export function classOfRequest(calls: CallTable, request: ProviderRequest): CallClass {
  const { method, path, query, contentType, soapAction, door, body } = request;
  const target = normalizeTarget(path, query);
  if (target.kind === "refused" || target.path !== path || target.query !== query) return "unknown";
  const bytes = body === null ? null : new TextEncoder().encode(body);
  return calls.classify({ method, path, query, contentType, soapAction, door, body: bytes }).class;
}

/**
 * Operations against whatever answers: reads pass only if the call table says that they are reads, and what
 * is prepared is stored and given back as the studio does.
 */
export function operationBench(
  provider: ProviderName,
  calls: CallTable,
  answer: (request: ProviderRequest) => Promise<ProviderResponse>,
  wait: (ms: number) => void,
) {
  const sent: ProviderRequest[] = [];
  const progress: [number, number | null][] = [];

  async function send(request: ProviderRequest): Promise<ProviderResponse> {
    sent.push(request);
    return answer(request);
  }

  const api: ProviderApi = {
    provider,
    signal: new AbortController().signal,
    progress: (done, total) => progress.push([done, total]),
    wait: async (ms) => wait(ms),
    read: async (request) => {
      if (classOfRequest(calls, request) !== "read") throw new OperationRefusedError("not a read");
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
    for (const step of steps) checkStep(calls, write, step);
    return steps;
  }

  /** Where there is one step and no other. */
  async function prepareOne(operation: Operation, input: unknown): Promise<PreparedStep> {
    const steps = await prepare(operation, input);
    const [step] = steps;
    if (!step || steps.length > 1) throw new Error(`${operation.id} made ${steps.length} steps`);
    return step;
  }

  /** What an answer means, whenever it came. */
  const conclude = (operation: Operation, step: PreparedStep, response: ProviderResponse) =>
    asWrite(operation).conclude(api, stored(step), response);

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

  return { api, sent, progress, send, run, prepare, prepareOne, apply, conclude, cut, all, stored };
}

function asWrite(operation: Operation): WriteOperation {
  if (operation.effect === "read") throw new Error(`${operation.id} is a read`);
  return operation;
}

const mostObservedBytes = 64 * 1024;

/** What every step keeps to, whatever its operation. */
function checkStep(calls: CallTable, operation: WriteOperation, step: PreparedStep): void {
  previewSchema.parse(step.preview);
  const copy: PreparedStep = JSON.parse(JSON.stringify(step));
  if (JSON.stringify(copy) !== JSON.stringify(step)) throw new Error("a step is more than JSON");
  const bytes = Buffer.byteLength(JSON.stringify(step.observed));
  if (bytes > mostObservedBytes) throw new Error(`observed is ${bytes} bytes`);
  const callClass = classOfRequest(calls, step.request);
  if (callClass !== "write" && callClass !== "code") {
    throw new Error(`${operation.id} would send a call of class ${callClass}`);
  }
}
