// Steps that are skipped while a hash of their inputs is the one stored after they last succeeded.
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "..");

/**
 * A hash of files and folders below the root, names and contents.
 *
 * @param inputs - glob patterns; what they match is read whole
 * @param isLeftOut - true for a path (from the root) that does not count
 */
export function hashOf(inputs, isLeftOut = () => false) {
  const hash = createHash("sha256").update(process.version);
  const files = globSync(inputs, { cwd: root })
    .filter((file) => !isLeftOut(file) && statSync(path.join(root, file)).isFile())
    .sort();
  for (const file of files) {
    const content = readFileSync(path.join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** Runs `work` unless `stamp` (a file that goes when the step's output goes) holds `inputs`. */
export async function step({ stamp, inputs, work }) {
  const file = path.join(root, stamp);
  if (existsSync(file) && readFileSync(file, "utf8") === inputs) return false;
  await work();
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, inputs);
  return true;
}
