import type { Limit } from "#lib/limits/limits.ts";

type Rule = { limit: number; windowSeconds: number };

const minute = 60;
const day = 24 * 60 * 60;

/**
 * Every limit of the agents' surface. A lease lives for up to twenty minutes and a well-made client keeps
 * it, so ten new ones a second for one key are a fault, not work. Calls are held to what an agent's loop
 * needs, and one org is spared what all agents of a team could do to it together: a Salesforce org answers
 * so many calls a day that are its people's too (the smallest paid edition 100,000), and Marketing Cloud
 * blocks a tenant for a while that calls too often, without saying what is too often.
 */
export const limitTable = {
  /** Whatever a key asks for, at any door: more than its leases and calls together. */
  request: {
    key: { limit: 3_000, windowSeconds: minute },
    owner: { limit: 15_000, windowSeconds: minute },
  },
  lease: {
    key: { limit: 600, windowSeconds: minute },
    connection: { limit: 1_200, windowSeconds: minute },
    owner: { limit: 3_000, windowSeconds: minute },
  },
  call: {
    key: { limit: 1_200, windowSeconds: minute },
    connection: { limit: 1_800, windowSeconds: minute },
    owner: { limit: 6_000, windowSeconds: minute },
  },
  /** Kilobytes of large bodies that are taken apart here in a minute: they cost the processor, and everybody. */
  bodies: {
    key: { limit: 128 * 1024, windowSeconds: minute },
    owner: { limit: 384 * 1024, windowSeconds: minute },
  },
  /** Kilobytes of answers for one key a day (BRK-9): 20 GB, more than an export of most orgs. */
  answers: { key: { limit: 20 * 1024 * 1024, windowSeconds: day } },
  /** Kilobytes of plans that one person and their agents put forward in a day: every version stays stored. */
  plans: { owner: { limit: 2 * 1024 * 1024, windowSeconds: day } },
  /** Of all calls through one connection, whoever makes them. */
  quota: {
    salesforce: { limit: 50_000, windowSeconds: day },
    "marketing-cloud": { limit: 600, windowSeconds: minute },
  },
} as const satisfies {
  request: Record<"key" | "owner", Rule>;
  lease: Record<"key" | "connection" | "owner", Rule>;
  call: Record<"key" | "connection" | "owner", Rule>;
  bodies: Record<"key" | "owner", Rule>;
  answers: Record<"key", Rule>;
  plans: Record<"owner", Rule>;
  quota: Record<string, Rule>;
};

/** Who asks, through which key and connection. */
export type LimitedBy = { keyId: string; connectionId: string; ownerId: string };

const rulesOf = (what: "lease" | "call", by: LimitedBy): Limit[] => [
  { key: `${what}:key:${by.keyId}`, ...limitTable[what].key },
  { key: `${what}:connection:${by.connectionId}`, ...limitTable[what].connection },
  { key: `${what}:owner:${by.ownerId}`, ...limitTable[what].owner },
];

/** What a lease counts against. */
export const limitsOfLease = (by: LimitedBy): Limit[] => rulesOf("lease", by);

/** What any request of an agent counts against: its key, and all keys of its owner together. */
export const limitsOfRequest = (by: Pick<LimitedBy, "keyId" | "ownerId">): [Limit, Limit] => [
  { key: `request:key:${by.keyId}`, ...limitTable.request.key },
  { key: `request:owner:${by.ownerId}`, ...limitTable.request.owner },
];

/** What the bytes of a body that is read whole count against. */
export const limitsOfBody = (
  by: Pick<LimitedBy, "keyId" | "ownerId">,
  bytes: number,
): [Limit, Limit] => {
  const count = Math.ceil(bytes / 1024);
  return [
    { key: `bodies:key:${by.keyId}`, ...limitTable.bodies.key, count },
    { key: `bodies:owner:${by.ownerId}`, ...limitTable.bodies.owner, count },
  ];
};

/** What the bytes of an answer count against; whoever is over it begins no further call. */
export const limitOfAnswers = (keyId: string, bytes: number): Limit => ({
  key: `answers:key:${keyId}`,
  ...limitTable.answers.key,
  count: Math.ceil(bytes / 1024),
});

/** What the steps of a plan count against, whether or not it is put forward in the end. */
export const limitOfPlans = (ownerId: string, bytes: number): Limit => ({
  key: `plans:owner:${ownerId}`,
  ...limitTable.plans.owner,
  count: Math.ceil(bytes / 1024),
});

/** What a call through the proxy counts against: the caller's own, and the provider's quota. */
export const limitsOfCall = (
  by: LimitedBy & { provider: keyof typeof limitTable.quota },
): Limit[] => [
  ...rulesOf("call", by),
  { key: `quota:${by.connectionId}`, ...limitTable.quota[by.provider] },
];
