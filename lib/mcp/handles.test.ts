import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { Secret } from "#lib/core/secret.ts";
import { createHandles } from "#lib/mcp/handles.ts";
import { testClock } from "#lib/testing/clock.ts";

const clock = testClock();
const keys = () => ({ requestState: new Secret(randomBytes(32)) });
const derivedKeys = keys();
const handles = createHandles({ clock, derivedKeys });
const agent: AgentPrincipal = {
  kind: "agent",
  agentId: "a1",
  keyId: "k1",
  teamId: "t1",
  ownerId: "o1",
  mode: "plan",
  budget: { callsPerDay: null, rowsPerDay: null, sendsPerDay: null },
  asksForConnections: true,
  connections: new Map(),
};

test("[MCP-7] a handle names something to the key, the kind and the question that it was made for", () => {
  const handle = handles.make("page", agent, "question", "120");
  expect(handles.open("page", agent, "question", handle)).toBe("120");
  expect(handles.open("round", agent, "question", handle)).toBeNull();
  expect(handles.open("page", agent, "another question", handle)).toBeNull();
  for (const other of [
    { ...agent, agentId: "a2" },
    { ...agent, keyId: "k2" },
    { ...agent, teamId: "t2" },
  ]) {
    expect(handles.open("page", other, "question", handle)).toBeNull();
  }
  const elsewhere = createHandles({ clock, derivedKeys: keys() });
  expect(elsewhere.open("page", agent, "question", handle)).toBeNull();
});

test("[MCP-7] its time ends", () => {
  const handle = handles.make("page", agent, "", "1");
  clock.advanceSeconds(599);
  expect(handles.open("page", agent, "", handle)).toBe("1");
  clock.advanceSeconds(1);
  expect(handles.open("page", agent, "", handle)).toBeNull();
});

test("[MCP-7] one bit changed anywhere, or bytes cut off or added, name nothing", () => {
  const handle = handles.make("connection-request", agent, "", "8a5f");
  for (let at = 0; at < handle.length; at += 1) {
    for (const character of ["A", "B", ".", "_", "é", ""]) {
      const changed = handle.slice(0, at) + character + handle.slice(at + 1);
      if (changed === handle) continue;
      expect(handles.open("connection-request", agent, "", changed), changed).toBeNull();
    }
  }
  for (const changed of ["", ".", "..", `${handle}.x`, `${handle}A`, "x".repeat(10_000)]) {
    expect(handles.open("connection-request", agent, "", changed)).toBeNull();
  }
});
