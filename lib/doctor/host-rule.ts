import type { Asked } from "#lib/doctor/ask.ts";
import { fail, type LineName, pass, unknown } from "#lib/doctor/line.ts";
import type { Line, LineAction } from "#lib/doctor/schema.ts";
import { brokeOff, failFor } from "#lib/doctor/words.ts";
import type { DecoderFacts } from "#lib/grants/decoder.ts";
import type { Greeting } from "#lib/providers/checkup.ts";

/**
 * Is the host there, and is it the provider? A name without an address and a name with an address that
 * is not public read the same: nobody maps a network by our words (NET-6). The operator's own check
 * says which.
 */
export function judgeHost(
  what: LineName,
  host: string,
  asked: Asked<Greeting>,
  facts: DecoderFacts,
  label: string,
  whereToLook: string,
  actions: readonly LineAction[] = [],
): Line {
  switch (asked.kind) {
    case "failed":
      return brokeOff(what);
    case "not_asked":
      return unknown(what, "There is no host to ask yet.", "Mend the address first.");
    case "unreachable":
      return asked.reason === "tenant_not_found"
        ? fail(
            what,
            `${host} has no address on the public internet, so nothing was sent there.`,
            `${whereToLook} If the spelling is right, the operator can see what the studio's network resolves it to: npm run studio -- doctor ${host}`,
            { code: asked.reason, actions },
          )
        : failFor(what, asked.reason, facts);
    case "refused":
      return failFor(what, asked.reason, facts, asked.providerCode);
    case "answered":
      return facts.environment === "demo" && asked.facts.kind === "itself"
        ? pass(what, `The demo answers as ${host} would.`)
        : judgeGreeting(what, host, asked.facts, label, whereToLook, actions);
  }
}

function judgeGreeting(
  what: LineName,
  host: string,
  greeting: Greeting,
  label: string,
  whereToLook: string,
  actions: readonly LineAction[],
): Line {
  switch (greeting.kind) {
    case "itself":
      return pass(what, `${host} resolves to public addresses and answers as ${label} over TLS.`);
    case "elsewhere":
      return fail(
        what,
        `${host} points to ${greeting.host}.`,
        `The org has another address now: use ${greeting.host}.`,
        { actions: [{ do: "copy", label: "Copy the new host", text: greeting.host }, ...actions] },
      );
    case "nobody":
      return fail(what, `${label} answers at ${host} that nobody lives there.`, whereToLook, {
        code: "tenant_not_found",
        actions,
      });
    case "busy":
      return fail(
        what,
        `${host} answered with ${greeting.status}: ${label} is busy or in maintenance.`,
        "Nothing is lost. Run the check again in a few minutes.",
        { code: greeting.status === 429 ? "rate_limited" : "provider_down" },
      );
    case "unfamiliar":
      return fail(
        what,
        `Something answers at ${host} with ${greeting.status}, but not the way ${label} does.`,
        "Check the host. A proxy or a firewall in between can answer in its place: then the operator has to open outgoing https to it.",
      );
  }
}
