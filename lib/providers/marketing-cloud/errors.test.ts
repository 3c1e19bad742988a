import { expect, test } from "vitest";
import { marketingCloudAuthorizeMeaning } from "#lib/providers/marketing-cloud/errors.ts";

test.each(["constructor", "__proto__", "toString", "hasOwnProperty", ""])(
  "[OA-7] the word %j from outside means no more than any unknown one",
  (word) => {
    expect(marketingCloudAuthorizeMeaning(word, "")).toBe("authorization_failed");
  },
);
