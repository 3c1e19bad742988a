import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";

export type TestServer = { port: number; connections: () => number; close(): Promise<void> };

async function started(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close() {
      for (const socket of sockets) socket.destroy();
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      return closed;
    },
  };
}

export const httpsServer = (tls: { keyPem: string; certPem: string }, listener: RequestListener) =>
  started(createHttpsServer({ key: tls.keyPem, cert: tls.certPem }, listener));

export const httpServer = (listener: RequestListener) => started(createHttpServer(listener));

export const tcpServer = (onSocket: (socket: Socket) => void) => started(createTcpServer(onSocket));
