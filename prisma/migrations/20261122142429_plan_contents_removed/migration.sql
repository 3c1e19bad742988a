-- AlterTable
ALTER TABLE "plans" ADD COLUMN     "contents_removed_at" TIMESTAMPTZ(3);

-- What the daily removal looks for.
create index plans_contents_kept on plans (ended_at) where contents_removed_at is null;
