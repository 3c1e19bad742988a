-- CreateEnum
CREATE TYPE "PlanState" AS ENUM ('proposed', 'approved', 'applying', 'applied', 'stopped', 'rejected', 'cancelled', 'expired');

-- CreateEnum
CREATE TYPE "StepState" AS ENUM ('pending', 'sending', 'applied', 'failed', 'unknown', 'drifted', 'skipped');

-- CreateEnum
CREATE TYPE "ConnectionRequestState" AS ENUM ('waiting', 'answered', 'declined', 'expired');

-- AlterTable
ALTER TABLE "agents" ADD COLUMN     "asks_for_connections" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "calls_per_day" INTEGER,
ADD COLUMN     "paused_at" TIMESTAMPTZ(3),
ADD COLUMN     "paused_reason" TEXT,
ADD COLUMN     "rows_per_day" INTEGER,
ADD COLUMN     "sends_per_day" INTEGER;

-- AlterTable
ALTER TABLE "teams" ADD COLUMN     "four_eyes" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateTable
CREATE TABLE "plans" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "agent_id" UUID,
    "key_id" UUID,
    "proposed_by_id" UUID,
    "client_key" TEXT,
    "title" TEXT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "version" INTEGER NOT NULL DEFAULT 1,
    "hash" TEXT NOT NULL,
    "state" "PlanState" NOT NULL,
    "end_reason" TEXT,
    "step_count" INTEGER NOT NULL,
    "records" INTEGER NOT NULL,
    "recipients" INTEGER NOT NULL,
    "connection_ids" UUID[],
    "risks" TEXT[],
    "fence" INTEGER NOT NULL DEFAULT 0,
    "standing_approval_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "approved_at" TIMESTAMPTZ(3),
    "applied_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "plans_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan_steps" (
    "plan_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "connection_id" UUID NOT NULL,
    "operation_id" TEXT NOT NULL,
    "effect" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "records" INTEGER NOT NULL,
    "recipients" INTEGER NOT NULL,
    "content" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "state" "StepState" NOT NULL DEFAULT 'pending',
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "outcome" JSONB,
    "request_id" TEXT,

    CONSTRAINT "plan_steps_pkey" PRIMARY KEY ("plan_id","version","position")
);

-- CreateTable
CREATE TABLE "plan_approvals" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "part" TEXT NOT NULL,
    "approved_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "plan_approvals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "standing_approvals" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "operation_id" TEXT NOT NULL,
    "uses_most" INTEGER NOT NULL,
    "uses_left" INTEGER NOT NULL,
    "records_most" INTEGER NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "standing_approvals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connection_requests" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "provider" "Provider",
    "reason" TEXT NOT NULL DEFAULT '',
    "operation_id" TEXT,
    "state" "ConnectionRequestState" NOT NULL,
    "connection_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "answered_at" TIMESTAMPTZ(3),

    CONSTRAINT "connection_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_calls" (
    "id" BIGSERIAL NOT NULL,
    "team_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "key_id" UUID NOT NULL,
    "connection_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "door" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "effect" TEXT NOT NULL,
    "status" INTEGER,
    "code" TEXT,
    "duration_ms" INTEGER NOT NULL,
    "rows" INTEGER NOT NULL DEFAULT 0,
    "bytes" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "agent_calls_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_days" (
    "agent_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "calls" INTEGER NOT NULL DEFAULT 0,
    "rows" INTEGER NOT NULL DEFAULT 0,
    "sends" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "agent_days_pkey" PRIMARY KEY ("agent_id","day")
);

-- CreateIndex
CREATE INDEX "plans_team_id_owner_id_state_created_at_idx" ON "plans"("team_id", "owner_id", "state", "created_at");

-- CreateIndex
CREATE INDEX "plans_team_id_created_at_idx" ON "plans"("team_id", "created_at");

-- CreateIndex
CREATE INDEX "plans_state_expires_at_idx" ON "plans"("state", "expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "plans_agent_id_client_key_key" ON "plans"("agent_id", "client_key");

-- CreateIndex
CREATE UNIQUE INDEX "plan_approvals_plan_id_version_part_key" ON "plan_approvals"("plan_id", "version", "part");

-- CreateIndex
CREATE INDEX "standing_approvals_agent_id_connection_id_operation_id_idx" ON "standing_approvals"("agent_id", "connection_id", "operation_id");

-- CreateIndex
CREATE INDEX "connection_requests_team_id_owner_id_state_created_at_idx" ON "connection_requests"("team_id", "owner_id", "state", "created_at");

-- CreateIndex
CREATE INDEX "connection_requests_agent_id_state_idx" ON "connection_requests"("agent_id", "state");

-- CreateIndex
CREATE INDEX "agent_calls_agent_id_id_idx" ON "agent_calls"("agent_id", "id");

-- CreateIndex
CREATE INDEX "agent_calls_at_idx" ON "agent_calls"("at");

-- AddForeignKey
ALTER TABLE "plans" ADD CONSTRAINT "plans_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_steps" ADD CONSTRAINT "plan_steps_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_approvals" ADD CONSTRAINT "plan_approvals_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "standing_approvals" ADD CONSTRAINT "standing_approvals_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "standing_approvals" ADD CONSTRAINT "standing_approvals_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connections"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection_requests" ADD CONSTRAINT "connection_requests_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_days" ADD CONSTRAINT "agent_days_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents"("id") ON DELETE CASCADE ON UPDATE CASCADE;
