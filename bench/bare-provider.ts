// A provider that costs next to nothing: a bare node:http server that answers with so many bytes, and plays
// a token endpoint. It stands in for Marketing Cloud's hosts behind the demo's origin.
import http from "node:http";

const port = Number(process.env.PROVIDER_PORT);
const restUrl = `${process.env.PROVIDER_ORIGIN}/${process.env.REST_HOST}/`;
const soapUrl = `${process.env.PROVIDER_ORIGIN}/${process.env.SOAP_HOST}/`;
const kilobyte = Buffer.from(JSON.stringify({ filler: "x".repeat(1_024 - 13) }));
const chunk = Buffer.alloc(64 * 1024, "x");
const bigBytes = 20 * 1024 * 1024;

const token = () =>
  JSON.stringify({
    access_token: `bench.${"t".repeat(500)}`,
    refresh_token: `bench-${Date.now()}`,
    token_type: "Bearer",
    expires_in: 1_079,
    scope: process.env.SCOPES,
    rest_instance_url: restUrl,
    soap_instance_url: soapUrl,
  });

function pour(response: http.ServerResponse): void {
  let left = bigBytes;
  response.writeHead(200, { "content-type": "text/plain", "content-length": bigBytes });
  const more = () => {
    while (left > 0) {
      left -= chunk.byteLength;
      if (!response.write(chunk)) return;
    }
    response.end();
  };
  response.on("drain", more);
  more();
}

http
  .createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const { url = "" } = request;
    if (url.includes("/key/big/")) return pour(response);
    const isToken = url.endsWith("/v2/token");
    const body = isToken ? Buffer.from(token()) : kilobyte;
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.end(body);
  })
  .listen(port, () => process.send?.("ready"));
