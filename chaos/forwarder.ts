import net from "node:net";

/**
 * A studio instance's own way to the providers: what comes over it is told from what another instance
 * sends, and ends when its caller ends.
 */
export type Forwarder = {
  readonly port: number;
  /** @param port - of a connection as the provider sees it */
  owns(port: number): boolean;
  close(): Promise<void>;
};

/** @param targetPort - of the providers, on loopback */
export async function startForwarder(targetPort: number): Promise<Forwarder> {
  const open = new Set<net.Socket>();
  const ports = new Set<number>();
  const server = net.createServer((near) => {
    const far = net.connect(targetPort, "127.0.0.1");
    far.once("connect", () => {
      const port = far.localPort ?? 0;
      ports.add(port);
      far.once("close", () => ports.delete(port));
      near.pipe(far);
      far.pipe(near);
    });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => other.destroy());
      socket.once("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    owns: (port) => ports.has(port),
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
