import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

// Our own names have to be told apart: `text-md` is a size, `text-ink` a colour.
const merge = extendTailwindMerge({
  extend: {
    classGroups: {
      "font-size": [{ text: ["2xs", "xs", "sm", "md", "lg", "xl", "2xl"] }],
      "font-weight": [{ font: ["text", "label", "title"] }],
      shadow: [{ shadow: ["1", "2", "3"] }],
      rounded: [{ rounded: ["1", "2", "3", "4"] }],
    },
  },
});

/** Joins class names; the later of two that set the same thing wins. */
export function cn(...values: ClassValue[]): string {
  return merge(clsx(values));
}
