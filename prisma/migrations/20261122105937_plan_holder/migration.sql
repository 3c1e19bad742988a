-- AlterTable
ALTER TABLE "plans" ADD COLUMN     "holder" INTEGER;

-- CreateIndex
CREATE INDEX "plans_holder_idx" ON "plans"("holder");
