-- Leases and refreshes are recorded by the thousand; what else happened is found without passing them.
create index audit_events_notable on audit_events (team_id, sequence)
  where (action <> all ('{lease.issued,secret.opened,grant.refresh_begun,grant.refreshed}'::text[])
    and (action <> 'lease.ended' or actor_kind <> 'agent'));
create index audit_events_connection_notable on audit_events (connection_id, sequence)
  where (action <> all ('{lease.issued,secret.opened,grant.refresh_begun,grant.refreshed,grant.refresh_failed,proxy.write,flow.begun,flow.claimed}'::text[])
    and (action <> 'lease.ended' or actor_kind <> 'agent'));
