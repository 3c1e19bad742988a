-- AlterTable
ALTER TABLE "standing_approvals" ADD COLUMN     "applies_at_once" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "effect" TEXT NOT NULL,
ADD COLUMN     "target" JSONB NOT NULL;

-- CreateTable
CREATE TABLE "standing_approval_uses" (
    "standing_approval_id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "steps" INTEGER NOT NULL,

    CONSTRAINT "standing_approval_uses_pkey" PRIMARY KEY ("standing_approval_id","plan_id","version")
);

-- CreateIndex
CREATE INDEX "standing_approval_uses_plan_id_idx" ON "standing_approval_uses"("plan_id");

-- AddForeignKey
ALTER TABLE "standing_approval_uses" ADD CONSTRAINT "standing_approval_uses_standing_approval_id_fkey" FOREIGN KEY ("standing_approval_id") REFERENCES "standing_approvals"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "standing_approval_uses" ADD CONSTRAINT "standing_approval_uses_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;
