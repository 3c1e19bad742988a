import { z } from "zod";
import { agentRoutes } from "#lib/openapi/agent-routes.ts";
import { namedSchemas } from "#lib/openapi/named-schemas.ts";
import { otherRoutes } from "#lib/openapi/other-routes.ts";
import { personRoutes } from "#lib/openapi/person-routes.ts";
import { type Answer, type Credential, type DescribedRoute, tags } from "#lib/openapi/route.ts";
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
  for (const route of [...agentRoutes, ...otherRoutes, ...personRoutes]) {
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
        "Agents send their key as bearer. People's calls carry the session cookie, and changes the studio's own Origin. " +
        "Unknown fields are refused. A list has items and nextCursor; send that as cursor for the next page. " +
        "Times are ISO 8601, ids UUIDs. Every answer carries x-studio-request-id.",
    },
    servers: [{ url: studioUrl }],
    tags: tags.map(({ name, says: description }) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        agentKey: { type: "http", scheme: "bearer", description: "An agent key, `mmk_…`." },
        session: { type: "apiKey", in: "cookie", name: "__Host-studio-session" },
        metricsToken: { type: "http", scheme: "bearer", description: "METRICS_TOKEN." },
      },
      responses: { Problem: problem },
      schemas: { ...componentSchemas(), Problem: problemSchema },
    },
  };
}

const security: Record<Credential, Json[]> = {
  agentKey: [{ agentKey: [] }],
  session: [{ session: [] }],
  metricsToken: [{ metricsToken: [] }],
  nobody: [],
};

function descriptionOf(route: DescribedRoute): Json {
  const { method, path, tag, credential, summary, query, body, bodyTypes, answers } = route;
  return {
    operationId: `${method}_${path.replaceAll(/[^A-Za-z0-9]+/g, "_").replaceAll(/^_|_$/g, "")}`,
    summary,
    tags: [tag],
    security: security[credential],
    ...parametersOf(path, query),
    ...(body ? { requestBody: bodyOf(body) } : {}),
    ...(bodyTypes
      ? { requestBody: { content: Object.fromEntries(bodyTypes.map((type) => [type, {}])) } }
      : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)]),
      ),
      default: { $ref: "#/components/responses/Problem" },
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
    required: ["connectionId"],
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
    security: security.agentKey,
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: call, example: { connectionId: exampleId, input: example } },
      },
    },
    responses: {
      ...(effect === "read"
        ? {
            200: {
              description: "What was read",
              content: { "application/json": { schema: result } },
            },
          }
        : { 202: answerOf({ says: "The plan it became", schema: planSchema }) }),
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

const exampleId = "00000000-0000-4000-8000-000000000000";

const jsonSchema = (schema: z.ZodType, io: "input" | "output"): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
};

const names = new Map(Object.entries(namedSchemas).map(([name, schema]) => [schema, name]));
const addressOf = (name: string) => `#/components/schemas/${name}`;

/** Answers that have a name; one within another is referred to by it. */
function componentSchemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of names) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    ...{ io: "output", unrepresentable: "any" },
    uri: addressOf,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]),
  );
}

/** Whether something has to be sent, the schema says: `{}` may be enough. */
const bodyOf = (schema: z.ZodType): Json => ({
  required: !schema.safeParse({}).success,
  content: { "application/json": { schema: jsonSchema(schema, "input") } },
});

function answerOf({ says: description, schema, type }: Answer): Json {
  if (type) return { description, content: { [type]: {} } };
  if (!schema) return { description };
  const name = names.get(schema);
  const described = name ? { $ref: addressOf(name) } : jsonSchema(schema, "output");
  return { description, content: { "application/json": { schema: described } } };
}

function parametersOf(path: string, query: z.ZodType | undefined): Json {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", ...(/[a-z]Id$/.test(name) && name !== "operationId" ? uuid : {}) },
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

const uuid = { format: "uuid" };

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
      properties: {
        do: {
          enum: [
            "retry",
            "reconnect",
            "second-factor",
            "ask-admin",
            "fix-input",
            "sign-in",
            "none",
          ],
        },
        afterSeconds: { type: "number", description: "With retry." },
        connectionId: { type: "string", format: "uuid", description: "With reconnect." },
        step: { enum: ["set-up", "confirm"], description: "With second-factor." },
      },
    },
    requestId: { type: "string", format: "uuid" },
    issues: {
      type: "array",
      description: "With input.invalid: the fields.",
      items: {
        type: "object",
        required: ["path", "message"],
        properties: { path: { type: "string" }, message: { type: "string" } },
      },
    },
  },
};

const problem = {
  description: "Refused; says what happened and what to do (RFC 9457)",
  headers: {
    "Retry-After": { description: "Seconds, where waiting helps.", schema: { type: "integer" } },
  },
  content: {
    "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
  },
};
