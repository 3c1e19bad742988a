import { defineConfig } from "prisma/config";

// `prisma generate` would download the schema engine, which it does not use: any existing file
// stops that. Migrations go through scripts/deploy.mjs and scripts/migrations.mjs instead.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "postgresql://unused@127.0.0.1/unused" },
});
