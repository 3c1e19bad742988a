import { z } from "zod";
import { agentRoutes, type DescribedRoute, personRoutes } from "#lib/openapi/described-routes.ts";
import { planSchema } from "#lib/plans/schema.ts";
import type { Operation } from "#lib/providers/operation.ts";
import { operations } from "#lib/providers/operations.ts";

type Json = Record<string, unknown>;
/** An OpenAPI 3.1 document. */
export type ApiDescription = {
  openapi: "3.1.0";
  info: Json;
  servers: Json[];
  tags: Json[];
  paths: Record<string, Record<string, Json>>;
  components: Json;
};

const problem = {
  description: "Refused; says what happened and what to do (RFC 9457)",
  content: {
    "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
  },
};

/**
 * The studio's HTTP interface as OpenAPI 3.1, from the schemas that parse it.
 *
 * @see https://spec.openapis.org/oas/v3.1.0
 */
export function describeApi(studioUrl: string): ApiDescription {
  if (made?.studioUrl !== studioUrl) made = { studioUrl, api: describe(studioUrl) };
  return made.api;
}

// The same for everybody, and anybody may ask for it: making it takes tens of milliseconds (WEB-10).
let made: { studioUrl: string; api: ApiDescription } | null = null;

function describe(studioUrl: string): ApiDescription {
  const paths: ApiDescription["paths"] = {};
  const put = (path: string, method: string, description: Json) => {
    paths[path] = { ...paths[path], [method]: description };
  };
  for (const route of [...agentRoutes, ...personRoutes]) {
    put(route.path, route.method, descriptionOf(route));
  }
  for (const operation of operations) {
    put(`/api/broker/operations/${operation.id}`, "post", operationDescription(operation));
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "MeshMesh Studio",
      version: "1",
      description:
        "Agents send their key as bearer. People's calls carry the session cookie, and changes the studio's own Origin.",
    },
    servers: [{ url: studioUrl }],
    tags: [
      {
        name: "For agents",
        description: "`Authorization: Bearer <agent key>`; cookies are ignored.",
      },
      { name: "Operations", description: "The registry: one path for each operation." },
      { name: "For people", description: "With the session of a signed-in person." },
    ],
    paths,
    components: {
      securitySchemes: {
        agentKey: { type: "http", scheme: "bearer", description: "An agent key, `mmk_…`." },
        session: { type: "apiKey", in: "cookie", name: "__Host-studio-session" },
      },
      schemas: { Problem: problemSchema },
    },
  };
}

function descriptionOf(route: DescribedRoute): Json {
  const { method, path, tag, summary, query, body, answers } = route;
  return {
    operationId: `${method}_${path.replaceAll(/[^A-Za-z0-9]+/g, "_").replaceAll(/^_|_$/g, "")}`,
    summary,
    tags: [tag],
    security: [tag === "For agents" ? { agentKey: [] } : { session: [] }],
    ...parametersOf(path, query),
    ...(body ? { requestBody: bodyOf(jsonSchema(body, "input")) } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          answerOf(answer.says, answer.schema && jsonSchema(answer.schema, "output")),
        ]),
      ),
      default: problem,
    },
  };
}

function operationDescription(operation: Operation): Json {
  const { id, title, description, effect, scopes, area, example } = operation;
  const call = {
    type: "object",
    properties: {
      connectionId: { type: "string", format: "uuid" },
      input: jsonSchema(operation.input, "input"),
    },
    required: ["connectionId", "input"],
    additionalProperties: false,
  };
  const result = {
    type: "object",
    properties: { result: jsonSchema(operation.output, "output"), rows: { type: "integer" } },
    required: ["result", "rows"],
  };
  return {
    operationId: id,
    summary: title,
    description: `${description}\n\n${area}. Effect: ${effect}. Scopes: ${scopes.join(" ") || "none"}.`,
    tags: ["Operations"],
    security: [{ agentKey: [] }],
    requestBody: bodyOf(call, { connectionId: exampleId, input: example }),
    responses: {
      ...(effect === "read"
        ? { 200: answerOf("What was read", result) }
        : { 202: answerOf("The plan it became", jsonSchema(planSchema, "output")) }),
      default: problem,
    },
  };
}

const exampleId = "00000000-0000-4000-8000-000000000000";
const jsonSchema = (schema: z.ZodType, io: "input" | "output"): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
};
const bodyOf = (schema: Json, example?: unknown): Json => ({
  required: true,
  content: { "application/json": { schema, ...(example === undefined ? {} : { example }) } },
});
const answerOf = (description: string, schema: Json | null): Json => ({
  description,
  ...(schema ? { content: { "application/json": { schema } } } : {}),
});

function parametersOf(path: string, query: z.ZodType | undefined): Json {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const { properties = {}, required = [] } = query ? jsonSchema(query, "input") : {};
  const inQuery = Object.entries(properties as Json).map(([name, schema]) => ({
    name,
    in: "query",
    required: (required as string[]).includes(name),
    schema,
  }));
  const parameters = [...inPath, ...inQuery];
  return parameters.length > 0 ? { parameters } : {};
}

const problemSchema = {
  type: "object",
  required: ["type", "title", "status", "detail", "code", "remedy", "requestId"],
  properties: {
    type: { const: "about:blank" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "For a person." },
    code: { type: "string", description: "`room.reason`, stable." },
    remedy: {
      type: "object",
      required: ["do"],
      properties: { do: { type: "string" }, afterSeconds: { type: "number" } },
    },
    requestId: { type: "string", format: "uuid" },
    issues: {
      type: "array",
      items: {
        type: "object",
        properties: { path: { type: "string" }, message: { type: "string" } },
      },
    },
  },
};
