import { pipeline } from "node:stream";
import type { Exchange } from "#lib/agent-api/exchange.ts";
import { proxyHeaders } from "#lib/agent-api/proxy-refusal.ts";
import type { ProxyAnswer } from "#lib/broker/proxy-answer.ts";

/** Writes the provider's answer as fast as the agent reads it; resolves when all is done with it. */
export async function sendAnswer(
  deps: { studioUrl: string },
  { req, res, requestId }: Exchange,
  answer: ProxyAnswer,
): Promise<void> {
  // What is left of an upload that the provider answered early is not read.
  const closing = req.complete ? {} : { connection: "close" };
  const { status, headers, body } = answer;
  res.writeHead(status, { ...proxyHeaders(deps.studioUrl, requestId), ...headers, ...closing });
  if (Buffer.isBuffer(body)) {
    // As text it leaves in one write with the headers; each byte is one character there and back.
    res.end(body.toString("latin1"), "latin1");
    return;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  // A body that ends badly cuts the connection: nobody takes a part for the whole.
  pipeline(body, res, () => resolve());
  await promise;
}
