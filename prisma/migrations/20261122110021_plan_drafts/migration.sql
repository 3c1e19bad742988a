-- AlterEnum
ALTER TYPE "PlanState" ADD VALUE 'draft';

-- AlterTable
ALTER TABLE "plans" ADD COLUMN     "client_hash" TEXT,
ADD COLUMN     "rejection" TEXT,
ADD COLUMN     "targets" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "warnings" JSONB NOT NULL DEFAULT '[]';
