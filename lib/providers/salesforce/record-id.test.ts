import fc from "fast-check";
import { expect, test } from "vitest";
import { classOfIds } from "#lib/providers/salesforce/object-class.ts";
import { storedId } from "#lib/providers/salesforce/record-id.ts";
import { id18 } from "#lib/simulator/salesforce/ids.ts";

const stored = fc.stringMatching(/^[A-Za-z0-9]{15}$/);
/** Any letter case of each character. */
const inAnyCase = (id: string, capitals: readonly boolean[]) =>
  [...id]
    .map((letter, at) => (capitals[at] ? letter.toUpperCase() : letter.toLowerCase()))
    .join("");

test("[BRK-7] an id of 18 is the same record, and of the same class, in any letter case", () => {
  const prefix = fc.constantFrom("01p", "01q", "0Ak", "0SO", "0Yw", "0Rb", "001", "a0X");
  const capitals = fc.array(fc.boolean(), { minLength: 18, maxLength: 18 });
  fc.assert(
    fc.property(stored, prefix, capitals, (rest, start, letters) => {
      const id = start + rest.slice(3);
      expect(storedId(id)).toBe(id);
      const written = inAnyCase(id18(id), letters);
      expect(storedId(written)).toBe(id);
      if (classOfIds([id]) !== "write") expect(classOfIds([written])).toBe(classOfIds([id]));
    }),
    { numRuns: 5_000 },
  );
});

test("what is no id of 18 stays as it is", () => {
  for (const text of ["", "001", "00Q000000000001", "00Q000000000001A-A", "00Q0000000000019Z9"]) {
    expect(storedId(text)).toBe(text.slice(0, 15));
  }
});
