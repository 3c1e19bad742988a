import type { Asked, ClockReading } from "#lib/doctor/ask.ts";
import { judgeClock } from "#lib/doctor/clock-rule.ts";
import { judgeHost } from "#lib/doctor/host-rule.ts";
import { fail, pass, unknown } from "#lib/doctor/line.ts";
import type { Line } from "#lib/doctor/schema.ts";
import { noFacts } from "#lib/grants/decoder.ts";
import type { Greeting } from "#lib/providers/checkup.ts";

export type HostFinding = {
  host: string;
  /** Null where no provider has such a host: the studio never calls it. */
  label: string | null;
  asked: Asked<Greeting>;
  /** What this machine resolves it to; for the operator's eyes. */
  addresses: readonly string[];
  /** Those of them that are not public, so that nothing is sent to any. */
  refused: readonly string[];
};

/** What the operator's own check found on the machine of the studio. Names of settings, never values. */
export type InstallationFindings = {
  settings: { ok: true; names: readonly string[] } | { ok: false; problem: string };
  studioUrl: string | null;
  database:
    | { kind: "ready"; missing: readonly string[]; foreign: readonly string[] }
    | { kind: "unreachable"; problem: string }
    | { kind: "not_made" };
  keys:
    | { kind: "fit"; source: "settings" | "file"; sealedUnder: number }
    | { kind: "unfit"; problem: string }
    | { kind: "not_made" }
    | { kind: "not_looked" };
  hosts: readonly HostFinding[];
  clock: ClockReading | null;
};

/** The lines of the operator's check, in the order to read them. */
export function judgeInstallation(found: InstallationFindings): Line[] {
  return [
    judgeSettings(found),
    judgeStudioUrl(found),
    judgeDatabase(found),
    judgeKeys(found),
    ...found.hosts.map(judgeHostFinding),
    judgeClock(found.clock, "the provider"),
  ];
}

function judgeSettings({ settings }: InstallationFindings): Line {
  const what = { id: "settings", title: "Settings" };
  if (!settings.ok) {
    return fail(
      what,
      `${settings.problem}.`,
      "Correct it in the environment, then run this again.",
    );
  }
  const { names } = settings;
  return pass(
    what,
    names.length === 0 ? "None is set; the defaults are in use." : `Set: ${names.join(", ")}.`,
  );
}

function judgeStudioUrl({ studioUrl }: InstallationFindings): Line {
  const what = { id: "studio_url", title: "STUDIO_URL" };
  if (studioUrl === null) {
    return unknown(what, "The settings cannot be read.", "Correct them first.");
  }
  if (studioUrl.startsWith("https://")) return pass(what, `${studioUrl}, over https.`);
  return pass(
    what,
    `${studioUrl}: people on this machine alone reach it. Others need an https address here.`,
  );
}

function judgeDatabase({ database }: InstallationFindings): Line {
  const what = { id: "database", title: "Database" };
  switch (database.kind) {
    case "not_made":
      return unknown(
        what,
        "There is none in the data folder yet.",
        "The first start makes it: npm start. STUDIO_DATA_DIR names another folder.",
      );
    case "unreachable":
      return fail(
        what,
        `It cannot be reached: ${database.problem}.`,
        "Check that the server of DATABASE_URL runs, and its user and database exist.",
      );
    case "ready":
      if (database.foreign.length > 0) {
        return fail(
          what,
          `A newer version of the studio made it (${database.foreign[0]}).`,
          "Start that version.",
        );
      }
      return database.missing.length > 0
        ? fail(
            what,
            `${database.missing.length} migrations are missing.`,
            "npm start applies them before it serves.",
          )
        : pass(what, "Reachable, with all migrations.");
  }
}

function judgeKeys({ keys }: InstallationFindings): Line {
  const what = { id: "keys", title: "Keys" };
  switch (keys.kind) {
    case "not_made":
      return unknown(what, "There are none yet.", "The first start makes them: npm start.");
    case "not_looked":
      return unknown(
        what,
        "Whether they open what is stored shows only with the database.",
        "Mend the database first.",
      );
    case "unfit":
      return fail(
        what,
        `${keys.problem}.`,
        "Take the missing key from a backup of the data folder or of VAULT_KEYS. Never make a new one over it.",
      );
    case "fit": {
      const from = keys.source === "settings" ? "From VAULT_KEYS" : "From the data folder";
      if (keys.sealedUnder === 0) return pass(what, `${from}; nothing is sealed yet.`);
      const count = keys.sealedUnder === 1 ? "1 key" : `${keys.sealedUnder} keys`;
      return pass(what, `${from}; stored secrets are sealed under ${count}, and none is missing.`);
    }
  }
}

/** Here, and only here, is said what a name resolves to: the reader owns this network. */
function judgeHostFinding({ host, label, asked, addresses, refused }: HostFinding): Line {
  const what = { id: `host ${host}`, title: host };
  if (label === null) {
    return fail(
      what,
      "No provider has such a host, so the studio never calls it.",
      "Name a My Domain, like acme.my.salesforce.com, or a tenant's auth host.",
    );
  }
  if (refused.length > 0) {
    return fail(
      what,
      `It resolves to ${addresses.join(", ")}; ${refused.join(", ")} is not a public address, so nothing was sent.`,
      "Correct this machine's DNS or hosts file. A proxy that answers for all names looks like this too.",
    );
  }
  if (asked.kind === "unreachable" && asked.reason === "tenant_not_found") {
    return fail(
      what,
      "It does not resolve on this machine.",
      "Check the spelling, and that this machine has a resolver for names of the internet.",
    );
  }
  const line = judgeHost(what, host, asked, noFacts, label, "Compare it with Setup.");
  return addresses.length === 0
    ? line
    : { ...line, found: `${line.found} Addresses: ${addresses.join(", ")}.` };
}
