-- CreateTable
CREATE TABLE "usage_hours" (
    "grant_id" UUID NOT NULL,
    "hour" TIMESTAMPTZ(0) NOT NULL,
    "team_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "leases" INTEGER NOT NULL DEFAULT 0,
    "leases_failed" INTEGER NOT NULL DEFAULT 0,
    "lease_latency" INTEGER[],
    "calls" INTEGER NOT NULL DEFAULT 0,
    "calls_failed" INTEGER NOT NULL DEFAULT 0,
    "refreshes" INTEGER NOT NULL DEFAULT 0,
    "refreshes_failed" INTEGER NOT NULL DEFAULT 0,
    "problem" TEXT,
    "problem_at" TIMESTAMPTZ(3),

    CONSTRAINT "usage_hours_pkey" PRIMARY KEY ("grant_id","hour")
);

-- CreateIndex
CREATE INDEX "usage_hours_hour_idx" ON "usage_hours"("hour");
