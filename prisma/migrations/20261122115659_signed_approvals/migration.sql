-- AlterTable
ALTER TABLE "plan_approvals" ADD COLUMN     "mac" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "standing_approvals" ADD COLUMN     "mac" TEXT NOT NULL DEFAULT '';
