-- CreateEnum
CREATE TYPE "RevocationCause" AS ENUM ('disconnected', 'connection_deleted', 'replaced', 'definition_changed', 'sign_in_unused', 'member_removed');

-- CreateEnum
CREATE TYPE "RevocationState" AS ENUM ('pending', 'confirmed', 'refused', 'gave_up', 'not_possible');

-- AlterTable
ALTER TABLE "connections" ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "revocations" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "provider" "Provider" NOT NULL,
    "environment" "Environment" NOT NULL,
    "connection_id" UUID NOT NULL,
    "connection_name" TEXT NOT NULL,
    "grant_id" UUID,
    "username" TEXT,
    "cause" "RevocationCause" NOT NULL,
    "state" "RevocationState" NOT NULL,
    "reason" TEXT,
    "token_host" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "token_sealed" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "claimed_until" TIMESTAMPTZ(3),
    "last_attempt_at" TIMESTAMPTZ(3),
    "next_attempt_at" TIMESTAMPTZ(3),
    "http_status" INTEGER,
    "provider_request" TEXT,
    "settled_at" TIMESTAMPTZ(3),
    "access_ends_at" TIMESTAMPTZ(3),
    "session_ends_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "revocations_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "revocations_state_next_attempt_at_idx" ON "revocations"("state", "next_attempt_at");

-- CreateIndex
CREATE INDEX "revocations_team_id_created_at_idx" ON "revocations"("team_id", "created_at");

-- CreateIndex
CREATE INDEX "revocations_connection_id_idx" ON "revocations"("connection_id");
