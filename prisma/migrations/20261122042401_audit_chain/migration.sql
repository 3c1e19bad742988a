-- Events of before cannot be sealed: a migration has no key. No version was released that wrote them.
DELETE FROM "audit_events";

-- DropIndex
DROP INDEX "audit_events_id_key";

-- DropIndex
DROP INDEX "audit_events_team_id_sequence_idx";

-- AlterTable
ALTER TABLE "audit_events" DROP CONSTRAINT "audit_events_pkey",
ADD COLUMN     "hash" BYTEA NOT NULL,
ADD COLUMN     "key_id" TEXT NOT NULL,
ADD COLUMN     "previous_hash" BYTEA NOT NULL,
ALTER COLUMN "sequence" DROP DEFAULT,
ADD CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id");
DROP SEQUENCE "audit_events_sequence_seq";

-- CreateTable
CREATE TABLE "audit_heads" (
    "chain_id" UUID NOT NULL,
    "sequence" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "audit_heads_pkey" PRIMARY KEY ("chain_id")
);

-- CreateIndex
CREATE INDEX "audit_events_team_id_actor_id_sequence_idx" ON "audit_events"("team_id", "actor_id", "sequence");

-- CreateIndex
CREATE INDEX "audit_events_team_id_action_sequence_idx" ON "audit_events"("team_id", "action", "sequence");

-- CreateIndex: events without a team are one chain too
CREATE UNIQUE INDEX "audit_events_team_id_sequence_key" ON "audit_events"("team_id", "sequence") NULLS NOT DISTINCT;

-- A second wall behind the grants of the studio's role: it stands before the owner too.
CREATE FUNCTION "audit_is_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: the audit trail only grows', TG_OP, TG_TABLE_NAME;
END $$;
CREATE TRIGGER "audit_events_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_is_append_only"();
CREATE TRIGGER "audit_heads_stay" BEFORE DELETE OR TRUNCATE ON "audit_heads"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_is_append_only"();

CREATE FUNCTION "audit_head_moves_on"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.chain_id <> OLD.chain_id OR NEW.sequence <= OLD.sequence THEN
    RAISE EXCEPTION 'the head of an audit chain only moves on';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "audit_heads_move_on" BEFORE UPDATE ON "audit_heads"
  FOR EACH ROW EXECUTE FUNCTION "audit_head_moves_on"();
