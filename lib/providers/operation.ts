import type { z } from "zod";
import type { Json, JsonObject } from "#lib/core/json.ts";
import type { Preview } from "#lib/providers/preview.ts";
import type { ProxyDoor } from "#lib/providers/proxy-dialect.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

/**
 * What an operation may do at worst: `read` changes nothing, `write` changes data, `destructive` removes
 * it, `send` reaches people outside, `code` runs or starts what runs by itself.
 */
export const effects = ["read", "write", "destructive", "send", "code"] as const;
export type Effect = (typeof effects)[number];

/** One request to a provider, byte for byte, all but the token and the tenant's host. */
export type ProviderRequest = {
  readonly door: ProxyDoor;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** In the one form that the proxy's normalisation leaves as it is; begins with `/`. */
  readonly path: string;
  /** Without `?`; empty where there is none. */
  readonly query: string;
  readonly contentType: string | null;
  readonly soapAction: string | null;
  /** Further headers, lower case, each one the proxy's list lets pass. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text; SOAP's envelope holds `soapTokenMark` where the token goes. */
  readonly body: string | null;
};

/** Stands in an envelope for the access token. */
export const soapTokenMark = "studio-token";

/** A whole answer, at most `maxAnswerBytes` of it (NET-5). */
export type ProviderResponse = {
  readonly status: number;
  /** Lower case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What an operation reads with: its person's token on one connection, reads only. */
export type ProviderApi = {
  readonly provider: ProviderName;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  /**
   * Sends one request. What the call table does not know for a read is refused here, whatever the
   * operation says of itself (MCP-6): an operation's mistake cannot write.
   *
   * @throws {OperationRefusedError} not a read
   * @throws {StudioError} no token, a limit, or no answer came
   */
  read(request: ProviderRequest): Promise<ProviderResponse>;
  /** Tells whoever waits how far it is; `total` is null where nobody knows. */
  progress(done: number, total: number | null): void;
  /**
   * Waits between two looks at what the provider does in the background.
   *
   * @throws when nobody waits any more
   */
  wait(ms: number): Promise<void>;
};

/** What came of one write, as far as its answer and what was read after it say. */
export type Outcome =
  | {
      kind: "applied";
      /** For people, in our words. */
      summary: string;
      /** For programs: new ids, counts. Small; never a copy of what was sent. */
      output: JsonObject;
    }
  | {
      kind: "failed";
      summary: string;
      /** Ours, `operations.reason`; the provider's own code, plain characters, is in `output`. */
      code: string;
      output: JsonObject;
    }
  /** Nobody knows whether it happened (PLN-5). */
  | { kind: "unknown"; summary: string };

/** One write, as it will be sent, and all that a person has to see of it. */
export type PreparedStep = {
  /** In one line, with the count: "Update 3 contacts". */
  readonly title: string;
  readonly effect: Exclude<Effect, "read">;
  /** Exactly what is sent once it is approved. */
  readonly request: ProviderRequest;
  readonly preview: Preview;
  /** Records, rows or objects that change. */
  readonly records: number;
  /** People who may be written to, at most; 0 where nobody is, `unknownRecipients` where nobody knows. */
  readonly recipients: number;
  /**
   * What it was prepared on (PLN-10): read again just before it is sent, and it must be the same. Null
   * where there is nothing to read, and then the preview says so. At most 64 kB.
   */
  readonly observed: Json | null;
  /** What `observe`, `conclude` and `settle` need to know beside the request. */
  readonly context: JsonObject;
};

/** A stored step, as its operation gets it back. */
export type StoredStep = Pick<PreparedStep, "request" | "observed" | "context">;

type OperationBase<Input, Output> = {
  /** `provider-area.thing.verb`, e.g. `salesforce.records.update`; stable. */
  readonly id: string;
  readonly provider: ProviderName;
  /** Groups it on pages: "Records", "Journeys". */
  readonly area: string;
  readonly title: string;
  /** One or two sentences for a person and a model alike; never text of a provider. */
  readonly description: string;
  /** Scopes of the grant it needs; empty where any will do. */
  readonly scopes: readonly string[];
  /** A strict object; each field with a description, bounded. */
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  /** Shown in the guide and as a first filling of forms; must parse. */
  readonly example: Input;
};

export type ReadOperation<Input = unknown, Output = unknown> = OperationBase<Input, Output> & {
  readonly effect: "read";
  /** @throws {OperationFailedError} the provider refused, in our words */
  run(api: ProviderApi, input: Input): Promise<Output>;
  /** How many records or rows an answer holds, for budgets. */
  rowsOf(output: Output): number;
};

export type WriteOperation<Input = unknown, Output = unknown> = OperationBase<Input, Output> & {
  readonly effect: Exclude<Effect, "read">;
  /**
   * Reads what would change and makes the steps; one step is one request, so that each happens once.
   *
   * @throws {OperationFailedError} it cannot be done as asked: nothing to change, no such record
   */
  prepare(api: ProviderApi, input: Input): Promise<PreparedStep[]>;
  /** Reads again what `observed` was made of; null where the step has none. */
  observe(api: ProviderApi, step: StoredStep): Promise<Json | null>;
  /** What an answer means; may read on, where the provider works in the background. */
  conclude(api: ProviderApi, step: StoredStep, response: ProviderResponse): Promise<Outcome>;
  /**
   * Whether a step whose answer never came happened (PLN-5), by key or by reading back. `unknown` where
   * that cannot be told for certain.
   */
  settle(api: ProviderApi, step: StoredStep): Promise<Outcome>;
};

export type Operation = ReadOperation | WriteOperation;

/** Holds input, output and functions of one operation together, and gives it up as any operation. */
export const readOperation = <Input, Output>(
  operation: Omit<ReadOperation<Input, Output>, "effect">,
): ReadOperation => ({ ...operation, effect: "read" }) as ReadOperation<Input, Output>;

export const writeOperation = <Input, Output>(
  operation: WriteOperation<Input, Output>,
): WriteOperation => operation;
