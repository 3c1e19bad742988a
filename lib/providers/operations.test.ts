import { expect, test } from "vitest";
import { z } from "zod";
import { operations } from "#lib/providers/operations.ts";

test("every operation has an id of its own, in the shape that names are made of", () => {
  const ids = operations.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, provider } of operations) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*){1,3}$/);
    expect(id.startsWith(`${provider}.`)).toBe(true);
  }
});

test.each(operations.map((operation) => [operation.id, operation] as const))(
  "%s: its example is a good input, its schemas can be told to programs, and unknown fields are refused",
  (_id, operation) => {
    expect(operation.input.safeParse(operation.example).success).toBe(true);
    const input = z.toJSONSchema(operation.input, { io: "input" });
    expect(input).toMatchObject({ type: "object", additionalProperties: false });
    expect(z.toJSONSchema(operation.output)).toMatchObject({ type: "object" });
    for (const field of Object.values(input.properties ?? {})) {
      expect(field).toHaveProperty("description");
    }
  },
);
