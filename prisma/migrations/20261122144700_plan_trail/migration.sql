-- What the trail says of one plan is asked for before anything of it is sent.
create index audit_events_plan on audit_events (target_id, action, sequence)
  where target_kind = 'plan';

-- The same of an approval given beforehand.
create index audit_events_standing on audit_events ((detail ->> 'standingApprovalId'), sequence)
  where action in ('standing_approval.used', 'standing_approval.revoked');
