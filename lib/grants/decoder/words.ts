import type { Explanation, NextAction } from "#lib/grants/decoder/explanation.ts";
import { type DecoderFacts, type WizardChanges, wizardPath } from "#lib/grants/decoder/facts.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

/** The facts, and what the tables make sentences of. */
export type Words = DecoderFacts & {
  isSalesforce: boolean;
  isMarketingCloud: boolean;
  /** Who people sign in to. */
  label: string;
  /** The app or package, as its own Setup calls it. */
  app: string;
  /** Where its settings are. */
  appSettings: string;
  /** The connection by name, or "this connection". */
  name: string;
  place: string;
  wizard: (changes?: WizardChanges) => string;
  /** Something to send to an admin, in one piece. */
  forAdmin: (...lines: string[]) => NextAction;
};

export function wordsFor(facts: DecoderFacts): Words {
  const isMarketingCloud = facts.provider === "marketing-cloud";
  const isSalesforce = facts.provider === "salesforce";
  const label = isMarketingCloud ? "Marketing Cloud" : isSalesforce ? "Salesforce" : "The provider";
  const app = isMarketingCloud
    ? "Installed Package"
    : facts.method === "packaged-app"
      ? "MeshMesh app"
      : facts.method === "quick"
        ? "studio's app"
        : "app";
  return {
    ...facts,
    isSalesforce,
    isMarketingCloud,
    label,
    app,
    appSettings: isMarketingCloud
      ? "Setup › Platform Tools › Apps › Installed Packages"
      : "Setup › External Client App Manager",
    name: facts.connectionName ?? "this connection",
    place: isMarketingCloud ? "business unit" : "org",
    wizard: (changes = {}) => wizardPath(facts, changes),
    forAdmin: (...lines) => ({
      do: "copy",
      label: "Copy for an admin",
      text: [
        ...lines,
        ...(facts.host ? [`Sign-in host: ${facts.host}`] : []),
        ...(facts.clientId ? [`Client ID: ${facts.clientId}`] : []),
      ].join("\n"),
    }),
  };
}

/** Some of the reasons; all tables together have every one. */
export type ReasonTable = Partial<Record<ReasonCode, (w: Words) => Explanation>>;
