// Memory of access tokens that are held: ours, and a bare Map of strings, in one process after each other.
import { randomBytes, randomUUID } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { systemClock } from "#lib/core/clock.ts";
import { Secret } from "#lib/core/secret.ts";
import { createAccessTokens } from "#lib/grants/access-tokens.ts";
import { report, round } from "./studio.ts";

const tokens = 250_000;
const limitBytes = 600;
const hourMs = 3_600_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** A Salesforce access token as the contract has it: org id, `!`, 96 characters. */
const newToken = () =>
  asRead(
    `00D5g000004x${randomBytes(2).toString("hex").slice(0, 3)}!${randomBytes(72).toString("base64url")}`,
  );
/** As the database's or the provider's bytes become text: in one piece. */
const asRead = (text: string) => Buffer.from(text).toString();
const newId = () => asRead(randomUUID());

/** Of objects and of buffers; `external` holds the buffers' bytes. */
function bytesInUse(): number {
  for (let i = 0; i < 4; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Keeps `filled` alive until it is measured. */
async function bytesAToken<T>(fill: () => T | Promise<T>): Promise<{ bytes: number; filled: T }> {
  const before = bytesInUse();
  const filled = await fill();
  return { bytes: (bytesInUse() - before) / tokens, filled };
}

const bare = await bytesAToken(() => {
  const map = new Map<string, string>();
  for (let i = 0; i < tokens; i++) map.set(newId(), newToken());
  return map;
});
const bareSize = bare.filled.size;
bare.filled.clear();

const began = performance.now();
const ours = await bytesAToken(async () => {
  const held = createAccessTokens({ clock: systemClock });
  for (let i = 0; i < tokens; i++) {
    const key = { id: newId(), generation: 1, version: 1 };
    await held.put(key, new Secret(newToken()), hourMs + i);
  }
  return held;
});
const putMicros = ((performance.now() - began) * 1_000) / tokens;
const keys = ours.filled.ids().map((id) => ({ id, generation: 1 }));
const readBegan = performance.now();
let found = 0;
for (const key of keys) if (ours.filled.get(key)) found += 1;
const getMicros = ((performance.now() - readBegan) * 1_000) / tokens;
if (found !== tokens || bareSize !== tokens) throw new Error("not all tokens are held");

report({
  workload: "memory of an access token that is held",
  tokens,
  tokenChars: newToken().length,
  bytesAToken: round(ours.bytes),
  bareMapBytesAToken: round(bare.bytes),
  ratio: round(ours.bytes / bare.bytes),
  putMicros: round(putMicros),
  getMicros: round(getMicros),
  limitBytes,
  isKept: ours.bytes <= limitBytes,
});
process.exit();
