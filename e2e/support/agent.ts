import { expect, type Page } from "@playwright/test";
import { call } from "./connect.ts";
import { raw } from "./raw.ts";

/** Makes an agent of whoever is signed in on the page, and a key of its own. */
export async function makeAgent(
  page: Page,
  name: string,
  more: object = {},
): Promise<{ id: string; keyId: string; key: string }> {
  const agent = await call<{ id: string }>(page, "POST", "/api/agents", { name, ...more });
  expect(agent.status, JSON.stringify(agent.body)).toBe(201);
  const { id } = agent.body;
  const made = await call<{ id: string; key: string }>(page, "POST", `/api/agents/${id}/keys`, {});
  expect(made.status, `the key of ${name}`).toBe(201);
  return { id, keyId: made.body.id, key: made.body.key };
}

/** How the studio answers an agent that comes with this key. */
export async function askBroker<T>(
  key: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: T }> {
  const answer = await raw(`/api/broker${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: JSON.parse(answer.body) as T };
}

/** What an agent with this key gets; a refusal fails the test. */
export async function asAgent<T>(...asked: Parameters<typeof askBroker>): Promise<T> {
  const { status, body } = await askBroker<T>(...asked);
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body;
}
