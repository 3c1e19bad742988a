import type { DataExtension, Field } from "./data-types.ts";
import type { FieldType } from "./seed-columns.ts";
import { folderId } from "./seed-folders.ts";
import { type SoapCall, StatusProblem, unitOf } from "./soap-call.ts";
import { child, childrenOf, isTrue, textOf, type XmlNode } from "./soap-xml.ts";

const fieldTypes: readonly FieldType[] = [
  "Text",
  "Number",
  "Decimal",
  "Date",
  "Boolean",
  "EmailAddress",
  "Phone",
  "Locale",
];

/**
 * The data extension that a Create or Update describes; on update what is left out stays.
 *
 * @throws {StatusProblem} what the vendor would not define
 */
export function defineDataExtension(
  call: SoapCall,
  object: XmlNode,
  existing: DataExtension | undefined,
): DataExtension {
  const { random, clock } = call.core.context;
  if (child(object, "Properties")) {
    throw new StatusProblem("Fields and rows cannot be written in one request.");
  }
  const id = existing?.id ?? random.uuid();
  const name = textOf(object, "Name") || existing?.name;
  if (!name) throw new StatusProblem("The Name of the data extension is required.");
  const given = childrenOf(child(object, "Fields"), "Field");
  const fields = mergeFields(call, existing?.fields ?? [], given);
  if (fields.length === 0) throw new StatusProblem("At least one field is required.");
  const root = folderId(unitOf(call).folders.all(), "dataextension");
  const sendable = textOf(child(object, "SendableDataExtensionField"), "Name");
  const isSendable = textOf(object, "IsSendable");
  return {
    id,
    mid: call.caller.token.mid,
    key: textOf(object, "CustomerKey") || existing?.key || id.toUpperCase(),
    name,
    description: textOf(object, "Description") ?? existing?.description ?? "",
    categoryId: Number(textOf(object, "CategoryID")) || existing?.categoryId || root,
    fields,
    isSendable: isSendable === undefined ? (existing?.isSendable ?? false) : isTrue(isSendable),
    sendableField: sendable ?? existing?.sendableField ?? null,
    createdAtMs: existing?.createdAtMs ?? clock.nowMs(),
    modifiedAtMs: clock.nowMs(),
  };
}

function mergeFields(call: SoapCall, known: readonly Field[], given: readonly XmlNode[]): Field[] {
  const fields = [...known];
  for (const node of given) {
    const name = textOf(node, "Name");
    if (!name) throw new StatusProblem("A field needs a Name.");
    const typeName = textOf(node, "FieldType") ?? "Text";
    const type = fieldTypes.find((one) => one.toLowerCase() === typeName.toLowerCase());
    if (!type) throw new StatusProblem(`The FieldType ${typeName} is not valid.`);
    const at = fields.findIndex((field) => field.name.toLowerCase() === name.toLowerCase());
    const length = Number(textOf(node, "MaxLength"));
    const field: Field = {
      id: fields[at]?.id ?? call.core.context.random.uuid(),
      name,
      type,
      length: length > 0 ? length : (fields[at]?.length ?? null),
      scale: Number(textOf(node, "Scale")) || null,
      ordinal: at < 0 ? fields.length : at,
      isPrimaryKey: isTrue(textOf(node, "IsPrimaryKey")),
      isRequired: isTrue(textOf(node, "IsRequired")),
      defaultValue: textOf(node, "DefaultValue") ?? null,
    };
    if (at < 0) fields.push(field);
    else fields[at] = field;
  }
  return fields;
}
