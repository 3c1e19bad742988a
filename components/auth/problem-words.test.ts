import { expect, test } from "vitest";
import { signInProblemWords } from "#components/auth/problem-words.ts";
import { parseSignInProblem, signInProblems } from "#lib/auth/schema.ts";

test("each problem has a title and a next step, and names the way that it is about", () => {
  for (const problem of signInProblems) {
    const { title, text } = signInProblemWords(problem, "Example SSO");
    expect(title, problem).not.toMatch(/[.!]$/);
    expect(text, problem).toMatch(/\.$/);
    expect(`${title} ${text}`).not.toMatch(/undefined|oops|invalid/i);
  }
});

test("[OA-7] an address cannot make the page say anything else", () => {
  for (const input of ["<script>", "auth.made_up", "", undefined, ["auth.not_admitted"], 7]) {
    expect(parseSignInProblem(input)).toBeNull();
  }
});
