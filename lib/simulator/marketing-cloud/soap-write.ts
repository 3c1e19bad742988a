import { defineDataExtension } from "./data-definition.ts";
import { deleteRow, upsertRow } from "./data-rows.ts";
import type { DataExtension, Row, RowAction } from "./data-types.ts";
import { permissionFailed, type SoapCall, StatusProblem, unitOf } from "./soap-call.ts";
import { subscriberWriters } from "./soap-write-subscribers.ts";
import type { Done, SoapWriter, WriteVerb } from "./soap-writer.ts";
import {
  apiNamespace,
  child,
  childrenOf,
  type Out,
  out,
  render,
  textOf,
  type XmlNode,
} from "./soap-xml.ts";
import { may } from "./tokens.ts";

type Result = Done & { errorCode: number | null };

/** Create, Update and Delete: one result per object, then RequestID and OverallStatus; always HTTP 200. */
export function write(call: SoapCall, verb: WriteVerb): string {
  const objects = childrenOf(call.message, "Objects");
  const isUpsert = textOf(saveOption(call.message), "SaveAction")?.toLowerCase() === "updateadd";
  const results = objects.map((object): Result => {
    try {
      return { ...writeOne(call, verb, object, isUpsert), errorCode: null };
    } catch (error) {
      if (!(error instanceof StatusProblem)) throw error;
      return { message: error.message, errorCode: error.errorCode };
    }
  });
  const isBad = (result: Result) => result.errorCode !== null;
  const status =
    results.length === 0 || results.every(isBad)
      ? "Error"
      : results.some(isBad)
        ? "Has Errors"
        : "OK";
  const parts = [
    ...results.map((result, index) => toResult(verb, result, index)),
    out("RequestID", call.requestId),
    out("OverallStatus", status),
  ];
  return `<${verb}Response xmlns="${apiNamespace}">${parts.map(render).join("")}</${verb}Response>`;
}

const saveOption = (message: XmlNode) =>
  child(child(child(message, "Options"), "SaveOptions"), "SaveOption");

function toResult(verb: WriteVerb, result: Result, index: number): Out {
  const { message, objectId = null, newId = 0, errorCode } = result;
  return out("Results", [
    out("StatusCode", errorCode === null ? "OK" : "Error"),
    out("StatusMessage", message),
    out("OrdinalID", String(index)),
    ...(errorCode === null ? [] : [out("ErrorCode", String(errorCode))]),
    ...(verb === "Create" ? [out("NewID", String(newId)), out("NewObjectID", objectId)] : []),
  ]);
}

const writers: Readonly<Record<string, SoapWriter>> = {
  DataExtension: { scope: "data_extensions_write", write: writeDataExtension },
  DataExtensionObject: { scope: "data_extensions_write", write: writeRow },
  ...subscriberWriters,
};

function writeOne(call: SoapCall, verb: WriteVerb, object: XmlNode, isUpsert: boolean): Done {
  const type = object.xsiType ?? "";
  const writer = Object.hasOwn(writers, type) ? writers[type] : undefined;
  if (!writer) throw new StatusProblem(`The object type ${type} is not supported.`);
  if (!may(call.caller, writer.scope)) throw new StatusProblem(permissionFailed);
  return writer.write(call, verb, object, isUpsert);
}

function writeDataExtension(
  call: SoapCall,
  verb: WriteVerb,
  object: XmlNode,
  isUpsert: boolean,
): Done {
  const existing = findTarget(call, object);
  if (verb === "Delete") return removeDataExtension(call, existing);
  if (verb === "Create" && existing) {
    throw new StatusProblem(
      "Updating an existing Data Extension definition when Creating a new one is not allowed. CustomerKey is already in use.",
    );
  }
  if (verb === "Update" && !existing && !isUpsert) {
    throw new StatusProblem("Data extension does not exist.");
  }
  const made = defineDataExtension(call, object, existing);
  const isTaken = [...unitOf(call).dataExtensions.values()].some(
    ({ id, name }) => id !== made.id && name.toLowerCase() === made.name.toLowerCase(),
  );
  if (isTaken) throw new StatusProblem("A Data Extension with this Name already exists.");
  call.core.data.save(call.caller.tenant, made);
  const word = existing ? "updated" : "created";
  return { message: `Data Extension ${word}.`, objectId: made.id };
}

function findTarget(call: SoapCall, object: XmlNode): DataExtension | undefined {
  const { core, caller } = call;
  const key = textOf(object, "CustomerKey");
  const id = textOf(object, "ObjectID");
  const all = unitOf(call).dataExtensions;
  if (key) return core.data.findByKey(caller.tenant, caller.token.mid, key);
  if (id) return all.get(id.toLowerCase());
  const name = textOf(object, "Name");
  return [...all.values()].find((one) => one.name === name);
}

function removeDataExtension(call: SoapCall, existing: DataExtension | undefined): Done {
  if (!existing) throw new StatusProblem("Data extension does not exist.");
  call.core.data.remove(call.caller.tenant, existing);
  return { message: "Data Extension deleted. / Data Extension Fields deleted" };
}

const pairs = (node: XmlNode | undefined, tag: string): Record<string, string> =>
  Object.fromEntries(
    childrenOf(node, tag).map((one) => [
      textOf(one, "Name") ?? "",
      child(one, "Value")?.text ?? "",
    ]),
  );

function writeRow(call: SoapCall, verb: WriteVerb, object: XmlNode, isUpsert: boolean): Done {
  const one = findTarget(call, object);
  if (!one) throw new StatusProblem("Data extension does not exist.");
  const keys = pairs(child(object, "Keys"), "Key");
  const values = pairs(child(object, "Properties"), "Property");
  const rows = call.core.data.rows(one);
  const changed =
    verb === "Delete"
      ? deleteRow(one, rows, Object.keys(keys).length > 0 ? keys : values)
      : upsertRow(one, rows, { ...values, ...keys }, actionOf(verb, isUpsert));
  if (!Array.isArray(changed)) throw new StatusProblem(changed.problem);
  saveRows(call, one, changed);
  const word = { Create: "Created", Update: "Updated", Delete: "Deleted" }[verb];
  return { message: `${word} DataExtensionObject` };
}

function actionOf(verb: "Create" | "Update", isUpsert: boolean): RowAction {
  if (isUpsert) return "upsert";
  return verb === "Create" ? "insert" : "update";
}

function saveRows({ core, caller }: SoapCall, one: DataExtension, rows: readonly Row[]): void {
  core.data.save(caller.tenant, { ...one, modifiedAtMs: core.context.clock.nowMs() }, rows);
}
