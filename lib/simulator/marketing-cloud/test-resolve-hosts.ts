/**
 * For `node --import`: every TLS connection of this process goes to the simulator on loopback, still
 * under the true host name, so that clients which insist on that name run unchanged.
 */
import https from "node:https";

const port = Number(process.env.SIMULATOR_TLS_PORT);
const connect = https.Agent.prototype.createConnection;

https.Agent.prototype.createConnection = function toSimulator(options, callback) {
  const { host } = options as { host?: string };
  return connect.call(
    this,
    { ...options, host: "127.0.0.1", port, ...(host ? { servername: host } : {}) },
    callback,
  );
};
