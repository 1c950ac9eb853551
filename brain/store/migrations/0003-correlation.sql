-- Correlation: what is kept of incidents and alarms, so that any batch of events can be weighed
-- against what is near it in space and time.

alter table incident
  add column kind text not null default 'plain' check (kind in ('plain', 'storm')),
  add column attention text not null default 'full' check (attention in ('none', 'review', 'full')),
  add column first_at timestamptz,
  add column last_at timestamptz,
  -- How far it reaches, Mercator metres, and how far it may.
  add column min_x double precision,
  add column max_x double precision,
  add column min_y double precision,
  add column max_y double precision,
  add column scale double precision,
  add column cap_diameter_m double precision,
  add column cap_duration_ms double precision,
  add column alarm_count integer not null default 0,
  add column active_count integer not null default 0,
  add column cancelled_count integer not null default 0,
  -- Since when none of its alarms goes on; null while one does.
  add column cleared_at timestamptz,
  -- The incident that it turned out to be one with.
  add column merged_into uuid references incident (id),
  -- Incidents that an operator separated it from.
  add column apart uuid[] not null default '{}';
create index incident_merged on incident (merged_into) where merged_into is not null;

-- Alarms as far as their events have told. The key names the alarm: alarm:<node>:<alarm id>.
create table incident_alarm (
  key text primary key,
  incident_id uuid not null references incident (id),
  node_id text not null,
  camera_id text not null,
  -- node/camera.
  camera text not null,
  alarm_id uuid not null,
  event_type text not null,
  exercise text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  slack_ms double precision not null,
  -- Cell of the first place.
  region bigint not null,
  places jsonb not null,
  grid_code text,
  entity_keys text[] not null default '{}',
  phase text not null,
  sequence text not null
);
create index incident_alarm_by_region on incident_alarm (region, last_at);
create index incident_alarm_by_camera on incident_alarm (camera, last_at);
create index incident_alarm_by_incident on incident_alarm (incident_id);
create index incident_alarm_by_entity on incident_alarm using gin (entity_keys)
  where entity_keys <> '{}';

-- Its place is taken by incident_alarm.
drop table incident_key;

-- incident_event says it; an update of every event would write its whole body again.
alter table event drop column correlated_at;

alter table incident_event
  -- The same as the sentence in `link`, as data.
  add column explanation jsonb;

create table incident_merge (
  loser_id uuid primary key references incident (id),
  winner_id uuid not null references incident (id),
  at timestamptz not null,
  actor text not null,
  link text not null,
  explanation jsonb not null
);

create table incident_split (
  id bigint generated always as identity primary key,
  incident_id uuid not null references incident (id),
  new_incident_id uuid not null references incident (id),
  alarm_keys text[] not null,
  at timestamptz not null,
  actor text not null,
  reason text not null
);

-- What is not to open a case, and until when. Rows are ended, never deleted.
create table silence (
  id uuid primary key,
  kind text not null check (kind in ('silence', 'maintenance')),
  -- Each null matches everything; all null is refused.
  node_id text,
  camera_id text,
  event_type text,
  grid_prefix text,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  reason text not null,
  created_by text not null,
  created_at timestamptz not null,
  check (coalesce(node_id, camera_id, event_type, grid_prefix) is not null),
  check (ends_at > starts_at)
);
create index silence_by_end on silence (ends_at);

-- What was kept without a case, counted honestly.
create table suppression (
  incident_id uuid not null references incident (id),
  kind text not null check (kind in ('storm', 'silence', 'maintenance')),
  camera text not null,
  event_type text not null,
  silence_id uuid references silence (id),
  alarms integer not null,
  events integer not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (incident_id, kind, camera, event_type)
);

-- How many incidents a camera began in a minute.
create table storm_slot (
  camera text not null,
  minute timestamptz not null,
  opened integer not null,
  suppressed integer not null,
  incident_id uuid references incident (id),
  primary key (camera, minute)
);
create index storm_slot_by_minute on storm_slot (minute);
