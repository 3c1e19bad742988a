-- Steps of plans come by the thousand too: a plan's end tells how many, and its page shows each.
drop index audit_events_notable;
create index audit_events_notable on audit_events (team_id, sequence)
  where (action <> all ('{lease.issued,secret.opened,grant.refresh_begun,grant.refreshed,plan.step_begun,plan.step_ended}'::text[])
    and (action <> 'lease.ended' or actor_kind <> 'agent'));
drop index audit_events_connection_notable;
create index audit_events_connection_notable on audit_events (connection_id, sequence)
  where (action <> all ('{lease.issued,secret.opened,grant.refresh_begun,grant.refreshed,grant.refresh_failed,proxy.write,flow.begun,flow.claimed,plan.step_begun,plan.step_ended}'::text[])
    and (action <> 'lease.ended' or actor_kind <> 'agent'));
