import { Pool } from "undici";

/** An agent's client with so many kept connections to one server. */
export function openCaller(url: string, connections: number) {
  const pool = new Pool(url, { connections: Math.ceil(connections), pipelining: 1 });
  const send = async (options: Parameters<Pool["request"]>[0]): Promise<number> => {
    const { statusCode, body } = await pool.request(options);
    await body.dump();
    return statusCode;
  };
  return {
    /** Opens every connection. */
    async warmUp(): Promise<void> {
      const one = () => send({ path: "/api/health/live", method: "GET" });
      await Promise.all(Array.from({ length: Math.ceil(connections) }, one));
    },
    /** @returns the status, 0 where no answer came */
    lease: (agentKey: string, connectionId: string): Promise<number> =>
      send({
        path: "/api/broker/leases",
        method: "POST",
        headers: { authorization: `Bearer ${agentKey}`, "content-type": "application/json" },
        body: JSON.stringify({ connectionId }),
      }).catch(() => 0),
    close: () => pool.close(),
  };
}
