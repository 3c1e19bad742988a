import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "#scripts/step.mjs";

test("where no server is found and none may be installed, one line says what to install", () => {
  const program = `import("${path.join(root, "scripts/redis.mjs")}")
    .then(({ requireRedis }) => requireRedis())
    .catch((error) => console.log(error.message));`;
  const { stdout } = spawnSync(
    process.execPath,
    ["--eval", `process.getuid = () => 1000; ${program}`],
    {
      env: { ...process.env, PATH: "/nowhere", REDIS_SERVER: "" },
      encoding: "utf8",
    },
  );
  expect(stdout.trim().split("\n")).toEqual([
    expect.stringMatching(
      /^no redis-server or valkey-server: install one \(Debian: apt-get install redis-server\)/,
    ),
  ]);
});
