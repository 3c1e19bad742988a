-- AlterTable
ALTER TABLE "grants" ADD COLUMN     "refresh_uncertain" BOOLEAN NOT NULL DEFAULT false;
