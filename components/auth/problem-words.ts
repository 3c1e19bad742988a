import type { SignInProblem } from "#lib/auth/schema.ts";

export type ProblemWords = { title: string; text: string };

/**
 * What a sign-in through an identity provider came to, in words: what happened, then what to do.
 *
 * @param name - of the way, as it stands on its button
 */
export function signInProblemWords(problem: SignInProblem, name: string): ProblemWords {
  switch (problem) {
    case "auth.way_unreachable":
      return {
        title: `${name} does not answer`,
        text: "Nothing is lost. Try again in a moment, or sign in another way.",
      };
    case "auth.way_misconfigured":
      return {
        title: `${name} is not set up correctly here`,
        text: "Tell whoever runs this studio. Until it is mended, sign in another way.",
      };
    case "auth.way_declined":
      return {
        title: `${name} did not let you on`,
        text: "The sign-in was cancelled there, or you may not use this studio yet. Try again, or ask whoever looks after your accounts.",
      };
    case "auth.way_refused":
      return {
        title: `The answer of ${name} could not be trusted`,
        text: "You were not signed in. Start again here. If it happens again, tell whoever runs this studio.",
      };
    case "auth.sign_in_expired":
      return {
        title: "This sign-in is over",
        text: "It was begun in another browser, took longer than ten minutes, or was used already. Start again here.",
      };
    case "auth.email_unverified":
      return {
        title: `${name} has not verified your e-mail address`,
        text: "Verify the address there, then sign in again.",
      };
    case "auth.not_admitted":
      return {
        title: "You are in no team of this studio yet",
        text: `${name} knows you, but nobody here has invited you. Ask an admin of your team for an invitation, then sign in again.`,
      };
    case "auth.needs_linking":
      return {
        title: "This address already has an account",
        text: "Sign in as you did before to link the two.",
      };
    case "auth.identity_taken":
      return {
        title: `This ${name} account signs in somebody else`,
        text: "It is linked to another account of this studio. Remove it there first, or choose another one.",
      };
    case "auth.recent_sign_in_needed":
      return {
        title: "That took too long",
        text: "Your sign-in here is more than a quarter of an hour old. Try again, and confirm that it is you.",
      };
    case "auth.throttled":
      return {
        title: "There were too many attempts",
        text: "Wait a few minutes, then try again.",
      };
    case "server_error":
      return {
        title: "The studio could not sign you in just now",
        text: "Try again in a moment.",
      };
  }
}
