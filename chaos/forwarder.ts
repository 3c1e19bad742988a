import net from "node:net";

/**
 * A studio instance's own way to the providers, or to the database: what comes over it is told from what
 * another instance sends, and ends when its caller ends.
 */
export type Forwarder = {
  readonly port: number;
  /** @param port - of a connection as the provider sees it */
  owns(port: number): boolean;
  /** Whether what the instance sends is kept on the way: what has left it arrives nowhere yet. */
  stall(isStalled: boolean): void;
  /** Whether there is no way: connections end, and new ones come to nothing. */
  cut(isCut: boolean): void;
  close(): Promise<void>;
};

/** @param target - a port on loopback, or a Unix socket */
export async function startForwarder(target: number | string): Promise<Forwarder> {
  const open = new Set<net.Socket>();
  const ports = new Set<number>();
  const callers = new Set<net.Socket>();
  let isStalled = false;
  let isCut = false;
  const server = net.createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = typeof target === "number" ? net.connect(target, "127.0.0.1") : net.connect(target);
    callers.add(near);
    near.once("close", () => callers.delete(near));
    far.once("connect", () => {
      const port = far.localPort ?? 0;
      ports.add(port);
      far.once("close", () => ports.delete(port));
      near.pipe(far);
      if (isStalled) near.unpipe();
      far.pipe(near);
      join.set(near, () => near.pipe(far));
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
  const join = new WeakMap<net.Socket, () => void>();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    owns: (port) => ports.has(port),
    stall(stalls) {
      isStalled = stalls;
      for (const near of callers) {
        if (stalls) near.unpipe().pause();
        else join.get(near)?.();
      }
    },
    cut(cuts) {
      isCut = cuts;
      if (cuts) for (const socket of open) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
