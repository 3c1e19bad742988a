import { isDeepStrictEqual } from "node:util";
import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";
import type { Json } from "#lib/core/json.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { grantOf } from "#lib/operations/grant-of.ts";
import { openProviderApi } from "#lib/operations/open-provider-api.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { openDraft } from "#lib/plans/draft.ts";
import { PlanNotNeededError } from "#lib/plans/errors.ts";
import {
  keptOrDropped,
  keyOf,
  type ProposeDeps,
  type ProposeOptions,
  planToBe,
  proposeOnce,
} from "#lib/plans/propose-plan.ts";
import { PROXIED_CALL, proxiedStep } from "#lib/plans/proxied-step.ts";
import type { PlanJson, ProxiedCallInput } from "#lib/plans/schema.ts";
import { storeProposal } from "#lib/plans/store-proposal.ts";
import { decideCall } from "#lib/policy/decide-call.ts";
import { proxiedRequestHeaders } from "#lib/policy/proxied-headers.ts";
import { proxiedPath } from "#lib/policy/proxied-path.ts";
import {
  type PreparedStep,
  type ProviderRequest,
  soapTokenMark,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { operationOfCall } from "#lib/providers/operations.ts";
import type { ClassedCall } from "#lib/providers/proxied-call.ts";
import { providerOf, proxyDialectOf } from "#lib/providers/registry.ts";
import { findSoapToken, withSoapToken } from "#lib/providers/soap-token.ts";

/**
 * A write that the proxy refused, as a plan of one step that is exactly this call. It is judged as the proxy
 * judged it, by the provider's call table: what reads needs no plan, what makes sessions or credentials is
 * refused in every mode. The token that an envelope came with is not kept.
 *
 * @throws {NotFoundError} no such connection for them
 * @throws {PlanNotNeededError} it reads
 * @throws {ProxyRefusedError} never allowed, or not a call that the proxy would pass on
 * @throws as `proposePlan`
 */
export async function proposeProxiedCall(
  deps: ProposeDeps,
  asker: Asker,
  input: ProxiedCallInput,
  { requestId, signal }: ProposeOptions,
): Promise<PlanJson> {
  const { clientKey, ...asked } = input;
  // Beside an operation's request under the same key, this is another one.
  const call = { proxied: asked };
  return proposeOnce(deps, asker, { clientKey, asked: call }, async () => {
    const grant = await grantOf(deps, asker, input.connectionId);
    const request = requestOf(grant, input);
    const classed = classedCall(grant, request);
    const known = await knownStep(deps, asker, { grant, request, signal });
    const { operationId, step, input: given } = known ?? rawStep(request, classed);
    signal.throwIfAborted();
    const plan = planToBe(deps, asker, input);
    const draft = await openDraft(deps, plan);
    return keptOrDropped(deps, draft, async () => {
      await draft.add({ operationId, grant, input: given }, [step]);
      return storeProposal(deps, asker, {
        plan,
        draftId: draft.id,
        summary: await draft.finish(),
        title: input.title ?? step.title,
        reason: input.reason,
        ...keyOf(clientKey, call),
        requestId,
      });
    });
  });
}

type ReadyStep = { operationId: string; step: PreparedStep; input: Json };

const rawStep = (request: ProviderRequest, classed: ClassedCall): ReadyStep => ({
  operationId: PROXIED_CALL,
  step: proxiedStep(request, classed),
  input: null,
});

/**
 * Where an operation of ours would send the same, it also says what changes, and what to look at again before
 * it is sent. What is sent is then the operation's own request, which is all that it shows: of two values
 * under one name, or of a header, a preview would tell nothing (PLN-9). Null where none would, or it cannot:
 * the call is shown raw.
 */
async function knownStep(
  deps: ProposeDeps,
  asker: Asker,
  { grant, request, signal }: { grant: Grant; request: ProviderRequest; signal: AbortSignal },
): Promise<ReadyStep | null> {
  const known = operationOfCall(grant.connection.provider, request);
  if (known === null || !isPlain(request)) return null;
  const { operation, input } = known;
  const api = openProviderApi(deps, asker, grant, { signal });
  const steps = await operation.prepare(api, input).catch((error: unknown) => {
    if (error instanceof OperationFailedError) return [];
    throw error;
  });
  const [step] = steps;
  if (step === undefined || steps.length > 1 || !sendsTheSame(step.request, request)) return null;
  const asked = { label: "Asked for as", value: `A raw call: ${request.method} ${request.path}` };
  const preview = { ...step.preview, facts: [...step.preview.facts, asked] };
  return { operationId: operation.id, step: { ...step, preview }, input: input as Json };
}

/** Headers that change what is answered, not what is done. */
const ofAnswers: ReadonlySet<string> = new Set([
  "accept",
  "accept-language",
  "sforce-limit-info",
  "x-prettyprint",
]);
const plainJson = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i;

/** Nothing beside its body says what it does. */
const isPlain = ({ headers, contentType }: ProviderRequest): boolean =>
  Object.keys(headers).every((name) => ofAnswers.has(name)) &&
  (contentType === null || plainJson.test(contentType));

/** Object and record are the call's own; what is written there must be the same too. */
const sendsTheSame = (ours: ProviderRequest, theirs: ProviderRequest): boolean =>
  ours.method === theirs.method && isDeepStrictEqual(jsonOf(ours.body), jsonOf(theirs.body));
const jsonOf = (text: string | null): unknown => (text === null ? null : JSON.parse(text));

function classedCall(grant: Grant, request: ProviderRequest) {
  const { method, path, query, contentType, soapAction, door, body } = request;
  const classed = providerOf(grant.connection.provider).calls.classify({
    ...{ method, path, query, contentType, soapAction, door },
    body: body === null ? null : Buffer.from(body, "utf8"),
  });
  if (classed.class === "read") throw new PlanNotNeededError("This call");
  const decision = decideCall({
    class: classed.class,
    mode: "plan",
    mayWriteDirectly: false,
    isApproved: true,
  });
  if (decision.allowed) return classed;
  const { code, userMessage } = decision;
  throw new ProxyRefusedError({ code, status: 403, userMessage, remedy: { do: "none" } });
}

/** The call in the form in which it would be sent (BRK-4, BRK-5). */
function requestOf(grant: Grant, input: ProxiedCallInput): ProviderRequest {
  const target = proxiedPath(input.path, input.query);
  if (target.kind === "refused") throw refusedAs(target);
  const { contentType, soapAction } = input;
  const screened = proxiedRequestHeaders(
    Object.entries({
      ...input.headers,
      ...(contentType === null ? {} : { "content-type": contentType }),
      ...(soapAction === null ? {} : { soapaction: soapAction }),
    }).flat(),
  );
  if (screened.kind === "refused") throw refusedAs(screened);
  const { "content-type": type, soapaction, ...headers } = screened.headers;
  return {
    door: input.door,
    method: input.method,
    path: target.path,
    query: target.query,
    contentType: type ?? null,
    soapAction: soapaction ?? null,
    headers,
    body: input.door === "soap" ? envelopeOf(grant, input.body) : input.body,
  };
}

const refusedAs = ({ code, userMessage }: { code: string; userMessage: string }) =>
  new ProxyRefusedError({ code, status: 400, userMessage });

/** The envelope with a mark where the token goes: whoever called may have put their key there. */
function envelopeOf(grant: Grant, body: string | null): string {
  const { tokenPlace } = proxyDialectOf(grant.connection.provider);
  const found = findSoapToken(Buffer.from(body ?? "", "utf8"), tokenPlace);
  if (found.kind === "refused") {
    throw new ProxyRefusedError("broker.soap_refused", { cause: new Error(found.reason) });
  }
  return withSoapToken(found, soapTokenMark).toString("utf8");
}
