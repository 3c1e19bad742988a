-- AlterTable
ALTER TABLE "connections" ADD COLUMN     "enterprise_id" BIGINT;
