import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  CONNECTIONS_MOST,
  DIRECT_WRITES_DAYS_MOST,
  KEY_DAYS_DEFAULT,
  KEY_UNUSED_DAYS,
} from "#lib/agents/terms.ts";
import { WAITING_MOST } from "#lib/connection-requests/raise-request.ts";
import { REQUEST_MINUTES, WAIT_SECONDS_MOST } from "#lib/connection-requests/schema.ts";
import { settingNames } from "#lib/core/env.ts";
import { limitTable } from "#lib/limits/limit-table.ts";
import { PLAN_BYTES_MOST, REQUEST_BYTES_MOST, STEPS_MOST } from "#lib/plans/plan-states.ts";
import { AGENT_PLAN_BYTES, PROXIED_CALL_BYTES } from "#lib/plans/schema.ts";
import {
  STANDING_DAYS_MOST,
  STANDING_MOST,
  STANDING_RECORDS_MOST,
  STANDING_USES_MOST,
} from "#lib/plans/standing-approval-terms.ts";

const count = (figure: number) => figure.toLocaleString("en");
const megabytes = (bytes: number) => `${bytes / 1024 / 1024} MB`;
const rate = ({ limit }: { limit: number }) => count(limit);

test("the README's table of settings has every setting, and none that is gone", () => {
  const table = readFileSync("README.md", "utf8").split("## Settings")[1]?.split("\n## ")[0] ?? "";
  const rows = table.split("\n").filter((line) => line.startsWith("| `"));
  const told = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(told.sort()).toEqual(settingNames.filter((name) => name !== "NODE_ENV").sort());
});

test("the page of limits has the figures that hold", () => {
  const page = readFileSync("docs/limits.md", "utf8").replaceAll(/\s+/g, " ");
  const { request, lease, call, answers, quota, plans } = limitTable;
  const lines = [
    `| requests of any kind, a minute | ${rate(request.key)} | | ${rate(request.owner)} |`,
    `| leases, a minute | ${rate(lease.key)} | ${rate(lease.connection)} | ${rate(lease.owner)} |`,
    `| calls to a provider, a minute | ${rate(call.key)} | ${rate(call.connection)} | ${rate(call.owner)} |`,
    `| answers read, a day | ${answers.key.limit / 1024 / 1024} GB |`,
    `${rate(quota.salesforce)} a day to a Salesforce org`,
    `${rate(quota["marketing-cloud"])} a minute to a Marketing Cloud`,
    `| one operation's call; one request of a plan | ${megabytes(REQUEST_BYTES_MOST)} |`,
    `one message of MCP | ${megabytes(AGENT_PLAN_BYTES)} |`,
    `| a raw call as a plan | ${megabytes(PROXIED_CALL_BYTES)} |`,
    `| a plan | ${count(STEPS_MOST)} steps, ${megabytes(PLAN_BYTES_MOST)}, 50 versions |`,
    `in a day | ${plans.owner.limit / 1024 / 1024} GB |`,
    `| an agent's key | a year | ${KEY_DAYS_DEFAULT} days |`,
    `| a key that nobody uses | ${KEY_UNUSED_DAYS} days |`,
    `| writes without a plan on a connection | ${DIRECT_WRITES_DAYS_MOST} days |`,
    `| a standing approval | ${STANDING_DAYS_MOST} days |`,
    `| a request for a connection | ${REQUEST_MINUTES} minutes |`,
    `| one call that waits for a person | ${WAIT_SECONDS_MOST} seconds |`,
    `${CONNECTIONS_MOST} connections, ${STANDING_MOST} standing approvals`,
    `${WAITING_MOST} requests that wait`,
    `${count(STANDING_USES_MOST)} steps of ${count(STANDING_RECORDS_MOST)} records each`,
  ];
  expect(lines.filter((line) => !page.includes(line))).toEqual([]);
});
