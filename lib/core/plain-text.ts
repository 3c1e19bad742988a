import { z } from "zod";

const maxLength = 255;
// Controls, lone surrogates and characters that turn the reading direction: none belongs in a name.
const unfit = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** A line of text that a person wrote, or a provider's name for one: at most 255 characters. */
export const plainText = z
  .string()
  .max(maxLength)
  .refine((text) => !unfit.test(text), "Use printable text.");

/**
 * A provider's name for something, made fit for one line: what is unfit is taken out, spaces are single,
 * and what is too long is cut. May be empty.
 */
export function lineOf(text: string, longest = maxLength): string {
  const line = [...text.replaceAll(/\s+/g, " ")]
    .filter((character) => !unfit.test(character))
    .join("")
    .trim()
    .normalize("NFC");
  const characters = [...line];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : line;
}
