-- CreateEnum
CREATE TYPE "KeyNetworkState" AS ENUM ('known', 'told', 'held');

-- AlterTable
ALTER TABLE "agents" ADD COLUMN     "pauses_on_new_network" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "agent_key_networks" (
    "key_id" UUID NOT NULL,
    "network" TEXT NOT NULL,
    "state" "KeyNetworkState" NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "agent_key_networks_pkey" PRIMARY KEY ("key_id","network")
);

-- AddForeignKey
ALTER TABLE "agent_key_networks" ADD CONSTRAINT "agent_key_networks_key_id_fkey" FOREIGN KEY ("key_id") REFERENCES "agent_keys"("id") ON DELETE CASCADE ON UPDATE CASCADE;
