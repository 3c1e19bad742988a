// The least that Node can do: `bare-server.ts` answers "ok" and reads nothing; with a number it reads the
// body and answers as many bytes of JSON.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const answerBytes = Number(process.argv[2] ?? 0);
const text = JSON.stringify("x".repeat(Math.max(0, answerBytes - 2)));
const server = createServer((request, response) => {
  if (answerBytes === 0) {
    response.end("ok");
    return;
  }
  request.on("data", () => {});
  request.once("end", () => {
    response.writeHead(201, { "content-type": "application/json", "content-length": answerBytes });
    response.end(text);
  });
});
server.listen(0, "127.0.0.1", () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
);
