-- AlterTable
ALTER TABLE "agent_days" ADD COLUMN     "kilobytes" INTEGER NOT NULL DEFAULT 0;
