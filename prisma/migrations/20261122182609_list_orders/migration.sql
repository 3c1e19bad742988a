-- DropIndex
DROP INDEX "agent_calls_agent_id_id_idx";

-- AlterTable
ALTER TABLE "agent_calls" DROP CONSTRAINT "agent_calls_pkey",
ADD CONSTRAINT "agent_calls_pkey" PRIMARY KEY ("agent_id", "id");

-- CreateIndex
CREATE INDEX "plans_team_id_owner_id_created_at_idx" ON "plans"("team_id", "owner_id", "created_at");
