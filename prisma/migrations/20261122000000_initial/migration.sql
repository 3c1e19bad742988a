-- CreateEnum
CREATE TYPE "Role" AS ENUM ('owner', 'admin', 'member');

-- CreateEnum
CREATE TYPE "Provider" AS ENUM ('salesforce', 'marketing-cloud');

-- CreateEnum
CREATE TYPE "ConnectionMethod" AS ENUM ('quick', 'custom-app', 'packaged-app', 'public-app');

-- CreateEnum
CREATE TYPE "Environment" AS ENUM ('production', 'sandbox', 'custom', 'demo');

-- CreateEnum
CREATE TYPE "Surface" AS ENUM ('web', 'desktop');

-- CreateEnum
CREATE TYPE "PkceMode" AS ENUM ('required', 'off');

-- CreateEnum
CREATE TYPE "GrantState" AS ENUM ('active', 'needs_reconnect', 'disconnected');

-- CreateEnum
CREATE TYPE "FlowStatus" AS ENUM ('waiting', 'exchanging', 'needs_confirmation', 'connected', 'failed', 'expired', 'cancelled');

-- CreateTable
CREATE TABLE "teams" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "teams_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT,
    "password_changed_at" TIMESTAMPTZ(3),
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memberships" (
    "team_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "Role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("team_id","user_id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "absolute_expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "ended_reason" TEXT,
    "network" TEXT,
    "user_agent" TEXT,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setup_codes" (
    "id" UUID NOT NULL,
    "code_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "setup_codes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_limits" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "vault_keys" (
    "key_id" TEXT NOT NULL,
    "wraps" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "vault_keys_pkey" PRIMARY KEY ("key_id")
);

-- CreateTable
CREATE TABLE "connections" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "provider" "Provider" NOT NULL,
    "method" "ConnectionMethod" NOT NULL,
    "name" TEXT NOT NULL,
    "environment" "Environment" NOT NULL,
    "surfaces" "Surface"[],
    "login_host" TEXT,
    "tenant_subdomain" TEXT,
    "account_id" BIGINT,
    "client_id" TEXT NOT NULL,
    "client_secret_sealed" TEXT,
    "scopes" TEXT[],
    "pkce" "PkceMode" NOT NULL DEFAULT 'required',
    "group_key" TEXT NOT NULL,
    "group_name" TEXT NOT NULL,
    "org_id" TEXT,
    "org_name" TEXT,
    "instance_host" TEXT,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "connections_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "grants" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "state" "GrantState" NOT NULL,
    "reason" TEXT,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "refresh_token_sealed" TEXT,
    "surface" "Surface" NOT NULL,
    "scopes" TEXT[],
    "missing_scopes" TEXT[],
    "provider_user_id" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "email" TEXT,
    "display_name" TEXT,
    "org_id" TEXT,
    "member_id" BIGINT,
    "enterprise_id" BIGINT,
    "org_name" TEXT,
    "instance_host" TEXT,
    "rest_host" TEXT,
    "soap_host" TEXT,
    "connected_at" TIMESTAMPTZ(3) NOT NULL,
    "last_refreshed_at" TIMESTAMPTZ(3),
    "last_proven_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "access_token_expires_at" TIMESTAMPTZ(3),
    "idle_deadline" TIMESTAMPTZ(3),

    CONSTRAINT "grants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "flows" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "provider" "Provider" NOT NULL,
    "surface" "Surface" NOT NULL,
    "status" "FlowStatus" NOT NULL,
    "reason" TEXT,
    "provider_code" TEXT,
    "state_hash" BYTEA NOT NULL,
    "binding_hash" BYTEA NOT NULL,
    "verifier_sealed" TEXT,
    "authorize_host" TEXT NOT NULL,
    "token_host" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "redirect_uri" TEXT NOT NULL,
    "scopes" TEXT[],
    "account_id" BIGINT,
    "return_to" TEXT,
    "grant_id" UUID,
    "pending_refresh_token_sealed" TEXT,
    "pending" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "claimed_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "flows_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "sequence" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL,
    "team_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" UUID,
    "session_id" UUID,
    "action" TEXT NOT NULL,
    "target_kind" TEXT,
    "target_id" UUID,
    "connection_id" UUID,
    "on_behalf_of" UUID,
    "result" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "request_id" TEXT,

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("sequence")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "memberships_user_id_idx" ON "memberships"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_token_hash_key" ON "sessions"("token_hash");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "connections_team_id_provider_group_key_idx" ON "connections"("team_id", "provider", "group_key");

-- CreateIndex
CREATE INDEX "grants_team_id_user_id_idx" ON "grants"("team_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "grants_connection_id_user_id_key" ON "grants"("connection_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "flows_state_hash_key" ON "flows"("state_hash");

-- CreateIndex
CREATE INDEX "flows_user_id_status_idx" ON "flows"("user_id", "status");

-- CreateIndex
CREATE INDEX "flows_connection_id_idx" ON "flows"("connection_id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_events_id_key" ON "audit_events"("id");

-- CreateIndex
CREATE INDEX "audit_events_team_id_sequence_idx" ON "audit_events"("team_id", "sequence");

-- CreateIndex
CREATE INDEX "audit_events_connection_id_sequence_idx" ON "audit_events"("connection_id", "sequence");

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connections" ADD CONSTRAINT "connections_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connections" ADD CONSTRAINT "connections_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connections"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "flows" ADD CONSTRAINT "flows_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connections"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "flows" ADD CONSTRAINT "flows_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
