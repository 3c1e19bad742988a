-- AlterTable
ALTER TABLE "agent_calls" ADD COLUMN     "repeats" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "agents" ADD COLUMN     "looked_at" TIMESTAMPTZ(3);
