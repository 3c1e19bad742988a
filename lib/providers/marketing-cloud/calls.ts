import { compileRules, judged, mediaTypeOf } from "#lib/providers/call-rules.ts";
import {
  marketingCloudRules,
  marketingCloudShapes,
} from "#lib/providers/marketing-cloud/call-rules.ts";
import {
  type CallTable,
  type ClassedCall,
  type ProxiedCall,
  removing,
  unknownCall,
} from "#lib/providers/proxied-call.ts";

const rules = compileRules(marketingCloudRules, marketingCloudShapes);

/**
 * What each call of the Marketing Cloud APIs does. Sends, runs and starts are `code`: what they do is
 * what somebody built before, and it cannot be taken back.
 *
 * @see REST API permission table, REST and SOAP references of Marketing Cloud Engagement
 */
export const marketingCloudCalls: CallTable = {
  needsBody: (head) => rules.find(head.method, head.path)?.needsBody ?? false,
  classify,
};

function classify(call: ProxiedCall): ClassedCall {
  const found = rules.find(call.method, call.path);
  // The two hosts have nothing in common: a SOAP path on the REST host is no operation, nor the reverse.
  if (!found || found.operation.startsWith("soap") !== (call.door === "soap")) return unknownCall;
  const verdict = judged(found, call);
  if (isForm(call) && verdict.class !== "credentials") return unknownCall;
  const isRemoval = call.method === "DELETE" || removals.test(verdict.operation);
  return isRemoval ? removing(verdict) : verdict;
}

/** Lines that remove by another verb. */
const removals = /\.(?:delete|clear)$/;

function isForm(call: ProxiedCall): boolean {
  const type = call.contentType === null ? "" : mediaTypeOf(call);
  return type === null || type === "application/x-www-form-urlencoded";
}
