-- CreateIndex
CREATE INDEX "plans_team_id_state_created_at_idx" ON "plans"("team_id", "state", "created_at");

-- CreateIndex
CREATE INDEX "plans_agent_id_created_at_idx" ON "plans"("agent_id", "created_at");
