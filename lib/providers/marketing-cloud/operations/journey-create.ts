import { z } from "zod";
import type { JsonObject } from "#lib/core/json.ts";
import {
  concludeRest,
  failed,
  isNotFound,
  notHappened,
  restFailure,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import { lineInput, textInput } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { journeyOutput } from "#lib/providers/marketing-cloud/operations/journey-changes.ts";
import {
  askedOfJourney,
  interactions,
  type Journey,
  journeyArea,
  journeyWriteScopes,
  readJourney,
} from "#lib/providers/marketing-cloud/operations/journey-schema.ts";
import { restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import {
  type Outcome,
  type ProviderApi,
  type StoredStep,
  writeOperation,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { emptyPreview } from "#lib/providers/preview.ts";

const longestDefinition = 500_000;
/** What a definition is made of; ids, dates, states and counts of another journey do not come along. */
const definedNames = [
  "definitionType",
  "entryMode",
  "triggers",
  "activities",
  "goals",
  "exits",
  "notifiers",
  "defaults",
  "metaData",
] as const;

const input = z.strictObject({
  key: lineInput(200, "Key of the new journey. With a key that is in use: its next version."),
  name: lineInput(200, "Name of the new journey."),
  description: textInput(4_000, "What it is for.").optional(),
  definition: z
    .record(z.string(), z.unknown())
    .refine((given) => JSON.stringify(given).length <= longestDefinition, "This is too long.")
    .describe(
      `The journey in the provider's form, as reading one gives it: ${definedNames.join(", ")}. Anything else in it is left out.`,
    ),
});
type Input = z.infer<typeof input>;

const contextSchema = z.object({ key: z.string(), name: z.string() });
const lists = ["triggers", "activities"] as const;

export const createJourney = writeOperation({
  id: "marketing-cloud.journeys.create",
  provider: "marketing-cloud",
  effect: "write",
  area: journeyArea,
  title: "Create a journey",
  description:
    "Makes a draft out of a definition. Nobody enters it, and nothing is sent, until it is published.",
  scopes: journeyWriteScopes,
  input,
  output: journeyOutput,
  example: {
    key: "autumn-guests",
    name: "Autumn guests",
    definition: { entryMode: "OnceAndDone", triggers: [], activities: [] },
  },
  async prepare(api, asked) {
    const definition = definitionOf(asked);
    const newest = await findNewest(api, asked.key);
    if (newest?.summary.status === "Draft") {
      throw new OperationFailedError(
        "operations.conflict",
        "The newest version of the journey with this key is a draft already.",
      );
    }
    const version = (newest?.summary.version ?? 0) + 1;
    return [
      {
        title: newest
          ? `Create version ${version} of the journey ${quotedName(asked.name)}, as a draft`
          : `Create the journey ${quotedName(asked.name)}, as a draft`,
        effect: "write",
        request: restRequest("POST", interactions, {
          body: {
            key: asked.key,
            name: asked.name,
            workflowApiVersion: 1,
            ...(asked.description === undefined ? {} : { description: asked.description }),
            ...definition,
          },
        }),
        preview: {
          ...emptyPreview,
          bodies: [
            {
              label: "Definition",
              kind: "json",
              before: newest ? JSON.stringify(newest.definition, null, 2) : null,
              after: JSON.stringify(definition, null, 2),
            },
          ],
          facts: [
            { label: "Name", value: asked.name },
            { label: "Key", value: asked.key },
            { label: "Version", value: String(version) },
            ...(asked.description ? [{ label: "Description", value: asked.description }] : []),
            ...lists.map((name) => ({
              label: name === "triggers" ? "Entry sources" : "Activities",
              value: String(Array.isArray(definition[name]) ? definition[name].length : 0),
            })),
          ],
        },
        records: 1,
        recipients: 0,
        observed: { newest: newest?.summary.version ?? null },
        context: { key: asked.key, name: asked.name },
      },
    ];
  },
  observe,
  async conclude(api, step, response) {
    const { key } = contextSchema.parse(step.context);
    return concludeRest(response, madeSchema, {
      done: applied,
      refused: () => failed(restFailure(response, askedOfJourney(key, journeyWriteScopes))),
      settle: () => settle(api, step),
    });
  },
  settle,
});

const madeSchema = z.object({ id: z.string().min(1), version: z.number().int() });

const applied = ({ id, version }: { id: string; version: number }): Outcome => ({
  kind: "applied",
  summary: `Version ${version} of the journey is there as a draft.`,
  output: { id, version },
});

/** In the form it was given, through JSON once: nothing else reaches the provider. */
function definitionOf({ definition }: Input): JsonObject {
  const given = JSON.parse(JSON.stringify(definition)) as JsonObject;
  for (const name of lists) {
    if (given[name] !== undefined && !Array.isArray(given[name])) {
      throw new OperationFailedError(
        "operations.bad_query",
        `The definition's ${name} have to be a list.`,
      );
    }
  }
  return Object.fromEntries(
    definedNames.flatMap((name) => {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

async function findNewest(api: ProviderApi, key: string): Promise<Journey | null> {
  try {
    return await readJourney(api, key);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

async function observe(api: ProviderApi, step: StoredStep) {
  const newest = await findNewest(api, contextSchema.parse(step.context).key);
  return { newest: newest?.summary.version ?? null };
}

async function settle(api: ProviderApi, step: StoredStep): Promise<Outcome> {
  const { key, name } = contextSchema.parse(step.context);
  const newest = await findNewest(api, key);
  const before = z.object({ newest: z.number().nullable() }).parse(step.observed).newest;
  if ((newest?.summary.version ?? null) === before) {
    return notHappened("There is no new version of this journey: none was made.");
  }
  if (newest && newest.summary.version === (before ?? 0) + 1 && newest.summary.name === name) {
    return applied(newest.summary);
  }
  return { kind: "unknown", summary: "Another version of this journey was made meanwhile." };
}
