import { callApi } from "#components/ui/api.ts";
import type { AgentJson, AgentMode, NewKeyJson } from "#lib/agents/schema.ts";

const schemas = () => import("#lib/agents/schema.ts");
const agent = async () => (await schemas()).agentSchema;

export type Reach = { connectionId: string; directWritesUntil: string | null };

export const createAgent = (body: {
  name: string;
  mode: AgentMode;
  connections: readonly Reach[];
  asksForConnections: boolean;
  pausesOnNewNetwork: boolean;
  callsPerDay: number | null;
  rowsPerDay: number | null;
  sendsPerDay: number | null;
}): Promise<AgentJson> => callApi("/api/agents", agent, { method: "POST", body });

export const patchAgent = (
  id: string,
  body: {
    name?: string;
    mode?: AgentMode;
    connections?: readonly Reach[];
    isDisabled?: boolean;
    /** Its owner has looked at why it was paused. */
    isPaused?: false;
    asksForConnections?: boolean;
    pausesOnNewNetwork?: boolean;
    callsPerDay?: number | null;
    rowsPerDay?: number | null;
    sendsPerDay?: number | null;
  },
): Promise<AgentJson> => callApi(`/api/agents/${id}`, agent, { method: "PATCH", body });

export const deleteAgent = (id: string): Promise<void> =>
  callApi(`/api/agents/${id}`, null, { method: "DELETE" });

export const makeKey = (
  id: string,
  body: {
    name: string;
    expiresInDays: number;
    replaces?: { keyId: string; overlapMinutes: number };
  },
): Promise<NewKeyJson> =>
  callApi(`/api/agents/${id}/keys`, async () => (await schemas()).newKeySchema, {
    method: "POST",
    body,
  });

export const revokeKey = (id: string, keyId: string): Promise<void> =>
  callApi(`/api/agents/${id}/keys/${keyId}`, null, { method: "DELETE" });

/** What an agent has now, as a change of it starts from. */
export const reachesOf = ({ connections }: Pick<AgentJson, "connections">): Reach[] =>
  connections.map(({ connectionId, directWritesUntil }) => ({ connectionId, directWritesUntil }));
