-- Dispatch: an endpoint that fails is asked by one delivery at a time until it answers; it is never
-- disabled. Deliveries of one task go out in the order in which they were written.

alter table endpoint
  -- Failures in a row.
  add column failures integer not null default 0,
  -- Open circuit: nothing is sent but one probe, not before this.
  add column probe_at timestamptz,
  -- Since when it has not answered.
  add column failing_since timestamptz,
  -- Since when people have been asked to look at it.
  add column parked_at timestamptz;

-- Replayed by an operator, how often.
alter table delivery add column replays integer not null default 0;
create index delivery_dead on delivery (endpoint_id, id) where state = 'DEAD';
create index delivery_by_time on delivery (created_at, id);

-- Whoever wants to hear of cases beside the departments that act: CloudEvents over HTTP.
create table subscription (
  id uuid primary key,
  name text not null unique,
  url text not null,
  -- Sealed, as an endpoint's.
  secret text not null,
  -- Only these; empty: all.
  event_types jsonb not null,
  enabled boolean not null default true,
  -- Position in the stream up to which it has everything.
  cursor bigint not null,
  failures integer not null default 0,
  next_attempt_at timestamptz not null,
  lease_until timestamptz,
  lease_token uuid,
  last_success_at timestamptz,
  last_error text
);
