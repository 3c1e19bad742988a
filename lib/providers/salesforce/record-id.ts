const suffixLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/**
 * The 15 characters of a record's id as the org keeps them. In an id of 18 the last three say which of the
 * others are capitals, five letters each, so that it names the same record in any letter case.
 *
 * @param id - 15 or 18 letters and digits; of anything else the first 15 as they are
 * @see contract of Salesforce, section 1
 */
export function storedId(id: string): string {
  const suffix = id.length === 18 ? id.slice(15).toUpperCase() : "";
  const capitals = [...suffix].map((letter) => suffixLetters.indexOf(letter));
  if (capitals.length === 0 || capitals.includes(-1)) return id.slice(0, 15);
  return [...id.slice(0, 15)]
    .map((letter, at) => {
      const isCapital = ((capitals[Math.floor(at / 5)] ?? 0) >> (at % 5)) & 1;
      return isCapital ? letter.toUpperCase() : letter.toLowerCase();
    })
    .join("");
}
