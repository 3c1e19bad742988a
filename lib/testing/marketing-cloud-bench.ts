import { marketingCloudCalls } from "#lib/providers/marketing-cloud/calls.ts";
import { marketingCloudTokenPlace } from "#lib/providers/marketing-cloud/proxy-dialect.ts";
import type { ProviderRequest, ProviderResponse } from "#lib/providers/operation.ts";
import { findSoapToken, withSoapToken } from "#lib/providers/soap-token.ts";
import { halden, testCloud } from "#lib/simulator/marketing-cloud/testing.ts";
import { operationBench } from "#lib/testing/operation-bench.ts";

export type MarketingCloudBench = Awaited<ReturnType<typeof marketingCloudBench>>;

/** Operations against the simulated provider, with a person's token in one business unit. */
export async function marketingCloudBench(who: { username?: string; accountId?: number } = {}) {
  const { username = halden.dana, accountId } = who;
  const cloud = testCloud();
  const trading = accountId === undefined ? {} : { account_id: accountId };
  const { access } = await cloud.connect({}, username, trading);

  async function answer(request: ProviderRequest): Promise<ProviderResponse> {
    const { method, door, path, query, headers, contentType, soapAction, body } = request;
    const isSoap = door === "soap";
    const address = cloud.url(door, query === "" ? path : `${path}?${query}`);
    const { status, text } = await cloud.send(method, address, {
      headers: {
        ...headers,
        ...(contentType === null ? {} : { "content-type": contentType }),
        ...(soapAction === null ? {} : { soapaction: soapAction }),
        ...(isSoap ? {} : { authorization: `Bearer ${access}` }),
      },
      ...(body === null ? {} : { body: isSoap ? withToken(body, access) : body }),
    });
    return { status, headers: {}, body: text };
  }

  const bench = operationBench("marketing-cloud", marketingCloudCalls, answer, (ms) =>
    cloud.clock.advanceSeconds(ms / 1000),
  );
  return { ...bench, cloud };
}

function withToken(body: string, token: string): string {
  const found = findSoapToken(new TextEncoder().encode(body), marketingCloudTokenPlace);
  if (found.kind === "refused") throw new Error(`no place for the token: ${found.reason}`);
  return withSoapToken(found, token).toString("utf8");
}
