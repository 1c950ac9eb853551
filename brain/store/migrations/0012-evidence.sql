-- Pictures that people take for a case, what is left of a picture that is gone, and holds.

alter table evidence drop constraint evidence_state_check;
alter table evidence
  add constraint evidence_state_check
    check (state in ('announced', 'stored', 'damaged', 'deleted')),
  -- Since when its bytes are missing or wrong, or were deleted by retention; the row stays.
  add column gone_at timestamptz,
  -- When its bytes were last compared with its name.
  add column checked_at timestamptz,
  -- Retention does not look at it before.
  add column look_at timestamptz,
  -- Deleted, and the file is off the disk.
  add column erased boolean not null default false,
  add constraint evidence_gone check ((state in ('damaged', 'deleted')) = (gone_at is not null));
create index evidence_to_look_at on evidence (look_at nulls first, sha256)
  where state in ('stored', 'damaged');
create index evidence_to_check on evidence (coalesce(checked_at, stored_at), sha256)
  where state in ('stored', 'damaged');
create index evidence_to_erase on evidence (sha256) where state = 'deleted' and not erased;

create table case_evidence (
  case_id uuid not null references case_file (id),
  sha256 text not null references evidence (sha256),
  kind text not null check (kind in ('after')),
  -- Of the bytes as they were sent: a repetition is known before its picture is decoded.
  sent_sha256 text not null,
  -- A reopened case asks for pictures of its new round.
  round integer not null,
  task_id uuid references task (id),
  department text,
  actor text not null,
  -- As the sender says.
  taken_at timestamptz not null,
  place jsonb,
  added_at timestamptz not null,
  width integer not null,
  height integer not null,
  primary key (case_id, round, sha256)
);
create index case_evidence_by_hash on case_evidence (sha256);

-- While it is in force nothing of the case is deleted, however old it is.
create table case_hold (
  case_id uuid primary key references case_file (id),
  reason text not null,
  placed_by text not null,
  placed_at timestamptz not null,
  until timestamptz not null
);

-- Positions of the stream up to this one may be deleted: who is behind it must read anew.
create table stream_floor (
  only_one boolean primary key default true check (only_one),
  position bigint not null
);
insert into stream_floor (position) values (0);

create index attempt_by_time on attempt (at);
create index quarantine_by_time on quarantine (at);
create index report_with_contact on report (received_at) where contact is not null;
create index incident_alarm_by_time on incident_alarm (last_at);
create index stream_by_time on stream (at);

-- Whether a case, or the one that it was merged into, is open, under rating or held. An earlier
-- moment asks whether it was still needed then.
create function case_needed(wanted uuid, at_time timestamptz, rating interval) returns boolean
language sql stable as $$
  with recursive path (id, depth) as (
    select wanted, 0
    union all
    select (c.work ->> 'mergedInto')::uuid, depth + 1
      from path join case_file c on c.id = path.id
      where c.state = 'MERGED' and c.work ->> 'mergedInto' is not null and depth < 64
  )
  select exists (
    select from path join case_file c on c.id = path.id
    where exists (select from case_hold h where h.case_id = c.id and h.until > at_time)
      or case
        when c.state in ('REJECTED', 'MERGED', 'CANCELLED', 'ARCHIVED') then c.updated_at > at_time
        when c.state in ('CLOSED', 'EVALUATED') then c.updated_at > at_time - rating
        else true
      end
  )
$$;

-- The same of whatever case an incident, or the one that it is part of now, has become.
create function incident_needed(wanted uuid, at_time timestamptz, rating interval) returns boolean
language sql stable as $$
  with recursive home (id, depth) as (
    select wanted, 0
    union all
    select i.merged_into, depth + 1
      from home join incident i on i.id = home.id
      where i.merged_into is not null and depth < 64
  )
  select exists (
    select from home join case_file c on c.incident_id = home.id
    where case_needed(c.id, at_time, rating)
  )
$$;
