// `new NAME` writes the SQL that leads from the migrations to the schema; `check` exits 1 when they
// differ. Works on a throw-away server, without Prisma's schema engine binary and its download.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import * as engineModule from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";
import { migrationNames } from "./deploy.mjs";
import { start } from "./postgres.mjs";

const OID_CHAR = 18;
const OID_BPCHAR = 1042;

const [verb, name = ""] = process.argv.slice(2);
if (!(verb === "check" || (verb === "new" && /^[a-z][a-z0-9_]*$/.test(name)))) {
  console.error("usage: npm run migration -- check | new NAME (a-z, 0-9, _)");
  process.exit(2);
}
const dir = path.resolve("prisma/migrations");
const schemaFile = path.resolve("prisma/schema.prisma");
const schema = readFileSync(schemaFile, "utf8");

const engineEntry = createRequire(import.meta.url).resolve(
  "@prisma/schema-engine-wasm/schema_engine_bg",
);
const { instance } = await WebAssembly.instantiate(
  readFileSync(path.join(path.dirname(engineEntry), "schema_engine_bg.wasm")),
  { "./schema_engine_bg.js": engineModule },
);
engineModule.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };

const folder = mkdtempSync(path.join(os.tmpdir(), "studio-migrations-"));
const server = await start(folder, { settings: { fsync: "off" } });
const admin = new pg.Client(server.config);
const pools = [];
await admin.connect();

/** A throw-away database; the engine opens two. */
async function shadow() {
  const database = `shadow_${pools.length}`;
  await admin.query(`create database ${database}`);
  const pool = new pg.Pool({ ...server.config, database, max: 1 });
  // On a busy machine the server stops before a connection is all gone: that is no failure.
  pool.on("error", () => {});
  pools.push(pool);
  const query = pool.query.bind(pool);
  let charColumns = [];
  // The adapter does not know "char" (oid 18), which the catalogues use.
  pool.query = async (...args) => {
    const result = await query(...args);
    charColumns = (result.fields ?? []).map((field) => {
      if (field.dataTypeID !== OID_CHAR) return false;
      field.dataTypeID = OID_BPCHAR;
      return true;
    });
    return result;
  };
  const adapter = await new PrismaPg(pool).connect();
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (params) => {
    const result = await queryRaw(params);
    for (const [index, isChar] of charColumns.entries()) {
      if (isChar) result.columnTypes[index] = ColumnTypeEnum.Character;
    }
    return result;
  };
  // The adapter's own splits at every ";", also inside function bodies.
  adapter.executeScript = async (sql) => {
    await query(sql).catch((error) => {
      console.error(error.message);
      throw error;
    });
  };
  return adapter;
}

const engine = await engineModule.SchemaEngine.new(
  { datamodels: [[schemaFile, schema]] },
  () => {},
  bindMigrationAwareSqlAdapterFactory({
    provider: "postgres",
    adapterName: "pg",
    connect: shadow,
    connectToShadowDb: shadow,
  }),
);
const migrationDirectories = migrationNames(dir).map((migration) => ({
  path: migration,
  migrationFile: {
    path: "migration.sql",
    content: { tag: "ok", value: readFileSync(path.join(dir, migration, "migration.sql"), "utf8") },
  },
}));

try {
  const { exitCode, stdout } = await engine.diff({
    from: {
      tag: "migrations",
      baseDir: dir,
      lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"\n' },
      shadowDbInitScript: "",
      migrationDirectories,
    },
    to: { tag: "schemaDatamodel", files: [{ path: schemaFile, content: schema }] },
    script: true,
    exitCode: true,
    filters: { externalTables: [], externalEnums: [] },
  });
  if (exitCode === 0) {
    console.log("migrations and schema agree");
  } else if (verb === "new") {
    const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
    const made = path.join(dir, `${stamp}_${name}`);
    mkdirSync(made, { recursive: true });
    writeFileSync(path.join(made, "migration.sql"), stdout);
    console.log(`${path.relative(process.cwd(), made)}/migration.sql\n${stdout}`);
  } else {
    console.error(`the schema has changes that no migration makes:\n${stdout}`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(String(error.message).split("\n   0:")[0]);
  process.exitCode = 1;
}
for (const pool of pools) await pool.end();
await admin.end();
await server.stop();
rmSync(folder, { recursive: true, force: true });
process.exit();
