import type { DataExtension, Field, Retention } from "./data-types.ts";
import { fieldTypes } from "./rest-data-define.ts";
import { folderId } from "./seed-folders.ts";
import { type SoapCall, StatusProblem, unitOf } from "./soap-call.ts";
import { child, childrenOf, isTrue, textOf, type XmlNode } from "./soap-xml.ts";

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
  return {
    id,
    mid: call.caller.token.mid,
    key: textOf(object, "CustomerKey") || existing?.key || id.toUpperCase(),
    name,
    description: textOf(object, "Description") ?? existing?.description ?? "",
    categoryId: Number(textOf(object, "CategoryID")) || existing?.categoryId || root,
    fields,
    isSendable: isTrueOr(textOf(object, "IsSendable"), existing?.isSendable),
    isTestable: isTrueOr(textOf(object, "IsTestable"), existing?.isTestable),
    sendableField: sendable ?? existing?.sendableField ?? null,
    retention: retentionOf(object, existing?.retention ?? null),
    createdAtMs: existing?.createdAtMs ?? clock.nowMs(),
    modifiedAtMs: clock.nowMs(),
  };
}

const isTrueOr = (given: string | undefined, held = false): boolean =>
  given === undefined ? held : isTrue(given);

const units: Readonly<Record<string, number>> = { days: 3, weeks: 4, months: 5, years: 6 };

function retentionOf(object: XmlNode, held: Retention | null): Retention | null {
  const length = textOf(object, "DataRetentionPeriodLength");
  if (!length) return held;
  const unit = textOf(object, "DataRetentionPeriodUnitOfMeasure") ?? "";
  const word = textOf(object, "DataRetentionPeriod")?.toLowerCase() ?? "";
  return {
    length: Number(length) || null,
    unit: Number(unit) || (units[word] ?? null),
    isRowBased: isTrue(textOf(object, "RowBasedRetention")),
    isDeletedAtEnd: isTrue(textOf(object, "DeleteAtEndOfRetentionPeriod")),
    isResetOnImport: isTrue(textOf(object, "ResetRetentionPeriodOnImport")),
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
