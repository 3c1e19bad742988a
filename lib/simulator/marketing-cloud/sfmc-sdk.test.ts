import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Simulator, startSimulator } from "#lib/simulator/simulator.ts";
import { halden } from "./testing.ts";

const here = import.meta.dirname;
const folder = mkdtempSync(path.join(tmpdir(), "sfmc-sdk-"));
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    seed: "clients",
    studioUrl: "http://localhost:3000",
    tls: true,
    control: false,
  });
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

test("sfmc-sdk signs in, reads and changes what there is under the true host names", async () => {
  const authority = path.join(folder, "ca.pem");
  writeFileSync(authority, simulator.caPem);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", path.join(here, "test-resolve-hosts.ts"), path.join(here, "test-sfmc-sdk.ts")],
    {
      env: {
        NODE_ENV: "test",
        NODE_EXTRA_CA_CERTS: authority,
        SIMULATOR_TLS_PORT: String(simulator.tlsPort),
      },
    },
  );
  const seen = JSON.parse(stdout);
  expect(seen.token).toMatchObject({
    expires_in: 1079,
    rest_instance_url: `https://${halden.subdomain}.rest.marketingcloudapis.com/`,
    soap_instance_url: `https://${halden.subdomain}.soap.marketingcloudapis.com/`,
  });
  expect(seen.units.map(({ ID }: { ID: number }) => ID)).toEqual(Object.values(halden.mids));
  expect(seen.context.organization.id).toBe(halden.mids.dach);
  expect(seen.rowCount).toBe(4200);
  expect(seen.assets[0]).toBe(seen.assets[1]);
  expect(seen.assets[0]).toBeGreaterThan(30);
  expect(seen.fieldCount).toBe(4);
  expect(seen.journeys[0]).toBe(seen.journeys[1]);
  expect(seen.made).toEqual(["Draft", 1]);
  expect(new Set(seen.automations).size).toBe(1);
  expect(seen.performed).toBe("OK");
  expect(seen.message).toEqual([{ messageKey: "sdk-1" }]);
  expect(seen.subscriber).toEqual(["OK", "OK", "OK"]);
  expect(seen.sent).toBeGreaterThan(10_000);
  expect(seen.wrongSecret).toEqual({
    message: expect.stringMatching(/^Client authentication failed\./),
    code: "invalid_client",
  });
  expect(seen.notEnabled.code).toBe("invalid_client");
  expect(seen.wrongProperty.message).toMatch(/^The Request Property\(s\) Shoe do not match/);
  const bodies = simulator.log
    .requestsTo("/v2/token")
    .map(({ body }) => JSON.parse(body.toString("utf8")));
  expect(bodies[0]).toEqual({
    grant_type: "client_credentials",
    client_id: halden.server,
    client_secret: halden.serverSecret,
    account_id: halden.mids.parent,
  });
});
