import { z } from "zod";

const maxLength = 255;
// Controls, lone surrogates and characters that turn the reading direction: none belongs in a name.
const unfit = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** A line of text that a person wrote, or a provider's name for one: at most 255 characters. */
export const plainText = z
  .string()
  .max(maxLength)
  .refine((text) => !unfit.test(text), "Use printable text.");
