const suffixAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The 18-character form of a 15-character id: three characters say which letters are capitals. */
export function id18(id15: string): string {
  let suffix = "";
  for (let chunk = 0; chunk < 3; chunk += 1) {
    let bits = 0;
    for (let place = 0; place < 5; place += 1) {
      if (/[A-Z]/.test(id15[chunk * 5 + place] ?? "")) bits |= 1 << place;
    }
    suffix += suffixAlphabet[bits];
  }
  return id15 + suffix;
}

/** The first 15 characters; of an id of 18, in the letter case that its last three say. */
export function id15(id: string): string {
  const suffix = id.length === 18 ? [...id.slice(15).toUpperCase()] : [];
  const bits = suffix.map((letter) => suffixAlphabet.indexOf(letter));
  if (bits.length === 0 || bits.includes(-1)) return id.slice(0, 15);
  return [...id.slice(0, 15)]
    .map((letter, at) =>
      ((bits[Math.floor(at / 5)] ?? 0) >> (at % 5)) & 1
        ? letter.toUpperCase()
        : letter.toLowerCase(),
    )
    .join("");
}

/** Ids are the same when their first 15 characters are. */
export const sameId = (left: string, right: string): boolean => id15(left) === id15(right);

/** A 15-character number in base 62, zeros in front. */
function base62(value: number, length: number): string {
  let digits = "";
  for (let rest = value; digits.length < length; rest = Math.floor(rest / 62)) {
    digits = (idAlphabet[rest % 62] as string) + digits;
  }
  return digits;
}

/**
 * @param prefix - three characters that say what the id is of (`001` an account)
 * @param pod - two to four characters that tell orgs apart
 */
export const makeId = (prefix: string, pod: string, serial: number): string =>
  id18(prefix + pod.padEnd(5, "0") + base62(serial, 7));
