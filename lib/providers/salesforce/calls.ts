import { compileRules, judged, mediaTypeOf } from "#lib/providers/call-rules.ts";
import { parametersOf } from "#lib/providers/call-target.ts";
import {
  type CallHead,
  type CallTable,
  type ClassedCall,
  type ProxiedCall,
  removing,
  unknownCall,
  worstOf,
} from "#lib/providers/proxied-call.ts";
import { salesforceRules, salesforceShapes } from "#lib/providers/salesforce/call-rules.ts";

const rules = compileRules(salesforceRules(classify), salesforceShapes);

/**
 * What each call of the Salesforce APIs does. A verb override in the query is never a read: it is judged
 * as what it says, at least a write, and beside a verb other than POST it is unknown.
 *
 * @see REST API, UI API, Connect REST API, Tooling API, Bulk API 2.0 and SOAP API Developer Guides
 */
export const salesforceCalls: CallTable = {
  needsBody(head) {
    return methodsOf(head)?.some((method) => rules.find(method, head.path)?.needsBody) ?? false;
  },
  classify,
};

function classify(call: ProxiedCall): ClassedCall {
  const methods = methodsOf(call);
  if (!methods) return unknownCall;
  const classed = methods.map((method) => {
    const found = rules.find(method, call.path);
    if (!found) return unknownCall;
    const verdict = judged(found, { ...call, method });
    if (isForm(call) && verdict.class !== "credentials") return unknownCall;
    return method === "DELETE" ? removing(verdict) : verdict;
  });
  const [only, overridden] = classed;
  if (!overridden) return only ?? unknownCall;
  // Where POST itself means something here, a server that ignores the override would do that.
  const parts = only && rules.find("POST", call.path) ? [only, overridden] : [overridden];
  const { operation } = overridden;
  return worstOf([...parts, { class: "write", operation }], operation);
}

const overrides: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

/** The verb, and the one that overrides it; `null` where an override cannot be believed. */
function methodsOf(head: CallHead): readonly string[] | null {
  const override = parametersOf(head.query).get("_httpmethod");
  if (override === undefined) return [head.method];
  const method = override.trim().toUpperCase();
  return head.method === "POST" && overrides.has(method) ? [head.method, method] : null;
}

/** Parameters of a form can override what the address says; only OAuth takes forms. */
function isForm(head: CallHead): boolean {
  const type = head.contentType === null ? "" : mediaTypeOf(head);
  return type === null || type === "application/x-www-form-urlencoded";
}
