-- Silences that an operator makes and ends, and honest counts of each.

alter table silence
  -- Life-safety events (S0) slip through a silence that does not say so.
  add column life_safety boolean not null default false,
  -- Ended before its time, by whom.
  add column ended_at timestamptz,
  add column ended_by text;

-- Two silences that keep back the same are counted apart; a storm has no silence.
alter table suppression drop constraint suppression_pkey;
create unique index suppression_of on suppression (
  incident_id, kind, camera, event_type,
  coalesce(silence_id, '00000000-0000-0000-0000-000000000000'::uuid)
);
create index suppression_by_silence on suppression (silence_id) where silence_id is not null;
