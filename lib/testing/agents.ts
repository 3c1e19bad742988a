import { randomUUID } from "node:crypto";
import { hashAgentKey, makeAgentKey } from "#lib/agents/agent-key.ts";
import type { AgentBudget, Principal } from "#lib/core/principal.ts";
import type { StudioDeps } from "#lib/deps.ts";

export type GivenAgent = { agentId: string; keyId: string; key: string };

/** An agent of this person with a live key, as rows: what makes and changes them is not asked. */
export async function givenAgent(
  deps: StudioDeps,
  owner: Pick<Principal, "teamId" | "userId">,
  options: {
    mode?: "plan" | "build";
    /** Each with until when it writes without a plan. */
    connections?: readonly (string | { id: string; directWritesUntil: Date | null })[];
    expiresAt?: Date | null;
    budget?: Partial<AgentBudget>;
    asksForConnections?: boolean;
  } = {},
): Promise<GivenAgent> {
  const [agentId, keyId] = [randomUUID(), randomUUID()];
  const { teamId, userId: ownerId } = owner;
  const key = makeAgentKey(deps.random, keyId).reveal();
  const createdAt = deps.clock.now();
  const mode = options.mode ?? "plan";
  await deps.db.agent.create({
    data: {
      id: agentId,
      teamId,
      ownerId,
      name: "Nightly report",
      mode,
      ...options.budget,
      asksForConnections: options.asksForConnections ?? true,
      createdAt,
      updatedAt: createdAt,
    },
  });
  await deps.db.agentKey.create({
    data: {
      id: keyId,
      agentId,
      teamId,
      name: "Key",
      secretHash: Uint8Array.from(hashAgentKey(deps.agentKeys.hashingKey, key)),
      createdAt,
      expiresAt: options.expiresAt ?? null,
    },
  });
  await deps.db.agentConnection.createMany({
    data: (options.connections ?? []).map((each) =>
      typeof each === "string"
        ? { agentId, connectionId: each }
        : { agentId, connectionId: each.id, directWritesUntil: each.directWritesUntil },
    ),
  });
  return { agentId, keyId, key };
}
