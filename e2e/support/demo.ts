import { demoUrl } from "./studio.ts";

/** One request that the demo's servers got. */
export type DemoRequest = {
  method: string;
  host: string;
  path: string;
  rawHeaders: string[];
  body: string;
  status: number | null;
};

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${demoUrl}/__control/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`control ${method} ${path}: ${answer.status}`);
  return answer.json();
}

/** All requests so far, with their bodies as text. */
export async function demoLog(): Promise<DemoRequest[]> {
  const log = (await control("GET", "log")) as DemoRequest[];
  return log.map((request) => ({
    ...request,
    body: Buffer.from(request.body, "base64").toString("utf8"),
  }));
}

/**
 * Switches a fault on; scope it to a user or an app that no other test uses.
 *
 * @returns how to switch it off
 */
export async function setFault(
  fault: string,
  value: unknown,
  options: { scope?: Record<string, string>; times?: number } = {},
): Promise<() => Promise<void>> {
  const { id } = (await control("POST", "faults", { fault, value, ...options })) as { id: string };
  return async () => {
    await control("DELETE", `faults/${id}`);
  };
}

/** Registers a copy of an app of Salesforce that answers in a few minutes only. @returns its Client ID */
export async function freshApp(like: string): Promise<string> {
  const { clientId } = (await control("POST", "fresh-apps", { like })) as { clientId: string };
  return clientId;
}
