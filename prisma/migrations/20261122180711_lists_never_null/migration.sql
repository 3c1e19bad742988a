-- AlterTable
ALTER TABLE "connections" ALTER COLUMN "surfaces" SET DEFAULT ARRAY[]::"Surface"[],
ALTER COLUMN "scopes" SET DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "flows" ALTER COLUMN "scopes" SET DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "grants" ALTER COLUMN "scopes" SET DEFAULT ARRAY[]::TEXT[],
ALTER COLUMN "missing_scopes" SET DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "plans" ALTER COLUMN "connection_ids" SET DEFAULT ARRAY[]::UUID[],
ALTER COLUMN "risks" SET DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "second_factors" ALTER COLUMN "transports" SET DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "usage_hours" ALTER COLUMN "lease_latency" SET DEFAULT ARRAY[]::INTEGER[];

-- A list that nobody filled in is stored as null, where the studio's types say that there is one.
update plans set connection_ids = '{}' where connection_ids is null;
update plans set risks = '{}' where risks is null;
update second_factors set transports = '{}' where transports is null;
update teams set four_eyes = '{}' where four_eyes is null;
update connections set surfaces = '{}' where surfaces is null;
update connections set scopes = '{}' where scopes is null;
update grants set scopes = '{}' where scopes is null;
update grants set missing_scopes = '{}' where missing_scopes is null;
update flows set scopes = '{}' where scopes is null;
update usage_hours set lease_latency = '{}' where lease_latency is null;

alter table plans alter column connection_ids set not null, alter column risks set not null;
alter table second_factors alter column transports set not null;
alter table teams alter column four_eyes set not null;
alter table connections alter column surfaces set not null, alter column scopes set not null;
alter table grants alter column scopes set not null, alter column missing_scopes set not null;
alter table flows alter column scopes set not null;
alter table usage_hours alter column lease_latency set not null;
