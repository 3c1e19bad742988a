import type { Json, JsonObject } from "#lib/core/json.ts";
import type { Tool } from "#lib/mcp/tool.ts";
import { jsonSchemasOf } from "#lib/operations/json-schemas.ts";
import type { Operation } from "#lib/providers/operation.ts";

/** Names of arguments that are the studio's: no operation has an input of these names. */
export const ownArguments = ["connectionId", "nextCursor", "planReason"] as const;

export const MAX_REASON = 2_000;
const connectionArgument: JsonObject = {
  type: "string",
  format: "uuid",
  description:
    "Which connection, by its id from connections_list. Left out: the only one that fits, or the owner is asked for one.",
};
const cursorArgument: JsonObject = {
  type: "string",
  description: "nextCursor of the answer before, with the same other arguments, for what follows.",
};
const reasonArgument: JsonObject = {
  type: "string",
  maxLength: MAX_REASON,
  description: "Why this should be done, in your words, for the person who approves the plan.",
};

export function inputSchemaOf(operation: Operation): Tool["inputSchema"] {
  const { input } = jsonSchemasOf(operation);
  return {
    ...input,
    type: "object",
    properties: {
      connectionId: connectionArgument,
      ...(input.properties as JsonObject),
      ...(operation.effect === "read"
        ? { nextCursor: cursorArgument }
        : { planReason: reasonArgument }),
    },
  };
}

export function outputSchemaOf(operation: Operation): Tool["outputSchema"] {
  return operation.effect === "read" ? readOutputOf(operation) : writeOutput;
}

function readOutputOf(operation: Operation): Tool["outputSchema"] {
  const { $schema, $defs, ...output } = jsonSchemasOf(operation).output;
  return {
    ...($schema === undefined ? {} : { $schema }),
    type: "object",
    properties: {
      status: { type: "string", enum: ["done", "waiting_for_connection"] },
      note: { type: "string", description: "What `data` is, and how to take it." },
      connectionId: { type: "string" },
      rows: { type: "integer", description: "Records or rows that were read." },
      data: loosened(output) as JsonObject,
      cut: cutSchema,
      nextCursor: { type: ["string", "null"], description: "Null where nothing follows." },
      connectionRequest: connectionRequestSchema,
    },
    required: ["status"],
    ...($defs === undefined ? {} : { $defs: loosened($defs) }),
  };
}

const cutSchema: JsonObject = {
  type: "array",
  description: "What was left out of `data`, and where.",
  items: {
    type: "object",
    properties: {
      path: { type: "string" },
      shown: { type: "integer" },
      of: { type: "integer" },
      unit: { type: "string", enum: ["items", "characters"] },
    },
    required: ["path", "shown", "of", "unit"],
  },
};

export const connectionRequestSchema: JsonObject = {
  type: "object",
  description: "Where status is waiting_for_connection: the owner was asked for one.",
  properties: {
    url: { type: "string", description: "Where the owner answers; show it to them." },
    handle: { type: "string", description: "For request_connection, to wait for the answer." },
    state: { type: "string", enum: ["waiting", "answered", "declined", "expired"] },
    expiresAt: { type: "string" },
    next: { type: "string" },
  },
  required: ["url", "handle", "state", "expiresAt", "next"],
};

// Texts of providers are cut and their hidden characters shown: what bounds a text is not promised here.
const textBounds = new Set(["pattern", "format", "minLength", "maxLength", "minItems"]);

function loosened(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map((each: Json) => loosened(each));
  if (schema === null || typeof schema !== "object") return schema;
  return Object.fromEntries(
    Object.entries(schema).flatMap(([name, inner]): [string, Json][] => {
      if (name === "properties" || name === "$defs") {
        const each = Object.entries(inner as JsonObject);
        return [[name, Object.fromEntries(each.map(([key, value]) => [key, loosened(value)]))]];
      }
      return textBounds.has(name) ? [] : [[name, loosened(inner)]];
    }),
  );
}

const text = { type: "string" } as const;
const integer = { type: "integer" } as const;

/** Of every tool that answers with a plan. */
export const planAnswerProperties: JsonObject = {
  plan: {
    type: "object",
    description: "How the plan stands.",
    properties: {
      ...{ id: text, state: text, endReason: { type: ["string", "null"] }, version: integer },
      ...{ url: text, expiresAt: text, stepCount: integer, records: integer, recipients: integer },
      progress: { type: "object", additionalProperties: integer },
      ...{
        risks: { type: "array", items: text },
        missingApprovals: { type: "array", items: text },
      },
      seen: { type: "string", description: "For plans_get: wait until it stands otherwise." },
    },
    required: ["id", "state", "url", "expiresAt", "stepCount", "seen"],
  },
  next: { type: "string", description: "What to do now." },
  note: { type: "string", description: "What `data` is, and how to take it." },
  data: {
    type: "object",
    description: "Where it writes, and each step with what would change.",
    properties: {
      title: text,
      rejection: { type: ["string", "null"] },
      targets: { type: "array", items: { type: "object" } },
      steps: { type: "array", items: { type: "object" } },
    },
    required: ["title", "targets", "steps"],
  },
  cut: cutSchema,
  nextCursor: { type: ["string", "null"], description: "For plans_get: the steps that follow." },
};

const writeOutput: Tool["outputSchema"] = {
  type: "object",
  properties: {
    status: { type: "string", enum: ["plan", "waiting_for_connection"] },
    ...planAnswerProperties,
    connectionRequest: connectionRequestSchema,
  },
  required: ["status"],
};
