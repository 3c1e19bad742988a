import { started, startProblem } from "./automation-state.ts";
import { permissionFailed, type SoapCall, unitOf } from "./soap-call.ts";
import { apiNamespace, child, childrenOf, out, render, textOf, type XmlNode } from "./soap-xml.ts";
import { may } from "./tokens.ts";

type Performed = { id: string | null; problem: string | null };

/** Starts automations: `Perform` with Action `start`; one result each, always HTTP 200. */
export function perform(call: SoapCall): string {
  const isStart = textOf(call.message, "Action")?.toLowerCase() === "start";
  const definitions = childrenOf(child(call.message, "Definitions"), "Definition");
  const results = definitions.map((definition) =>
    isStart ? start(call, definition) : { id: null, problem: "The action is not supported." },
  );
  const isOk = results.length > 0 && results.every(({ problem }) => problem === null);
  const parts = [
    out(
      "Results",
      results.map(({ id, problem }, index) =>
        out("Result", [
          out("StatusCode", problem === null ? "OK" : "Error"),
          out("StatusMessage", problem ?? "Program Performed"),
          out("OrdinalID", String(index)),
          out("Object", [out("ObjectID", id)], "Program"),
        ]),
      ),
    ),
    out("OverallStatus", isOk ? "OK" : "Error"),
    out("OverallStatusMessage", null),
    out("RequestID", call.requestId),
  ];
  return `<PerformResponseMsg xmlns="${apiNamespace}">${parts.map(render).join("")}</PerformResponseMsg>`;
}

function start(call: SoapCall, definition: XmlNode): Performed {
  if (!may(call.caller, "automations_execute")) return { id: null, problem: permissionFailed };
  const { automations } = unitOf(call);
  const id = textOf(definition, "ObjectID")?.toLowerCase();
  const key = textOf(definition, "CustomerKey")?.toLowerCase();
  const found = id
    ? automations.get(id)
    : automations.all().find((one) => one.key.toLowerCase() === key);
  if (!found) return { id: null, problem: "Program could not be found." };
  const { clock, random } = call.core.context;
  const problem = startProblem(found, clock.nowMs());
  if (problem === null) automations.put(started(found, random.uuid(), clock.nowMs()));
  return { id: found.id, problem };
}
