const MAX_LENGTH = 254;
const MAX_LOCAL_LENGTH = 64;
const address =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;

/**
 * The one form in which an e-mail address is stored and looked up: trimmed, in small letters.
 * Plain ASCII only, so no look-alike letter or `@` can stand for another (WEB-12).
 *
 * @returns `null` where it is no such address
 */
export function normaliseEmail(input: string): string | null {
  const trimmed = input.trim();
  // Checked before lower-casing: the Kelvin sign, for one, becomes an ordinary k.
  if (trimmed.length > MAX_LENGTH || !/^[\x21-\x7e]+$/.test(trimmed)) return null;
  const email = trimmed.toLowerCase();
  return address.test(email) && email.indexOf("@") <= MAX_LOCAL_LENGTH ? email : null;
}
