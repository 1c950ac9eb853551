-- The directory of a town. What leaves it is disabled and never deleted, so that old cases keep the
-- names they were written with; shifts, hours, days and neighbours are replaced as a whole.

-- One row per import that changed something; the newest is the town's version.
create table directory_import (
  version integer primary key,
  imported_at timestamptz not null,
  actor text not null,
  -- SHA-256 over the exported files.
  digest text not null,
  settings jsonb not null,
  counts jsonb not null
);

create table area (
  code text primary key check (code ~ '^(\d{9}|\d{12}|\d{15})$'),
  level text not null check (level in ('street', 'community', 'grid')),
  parent text references area (code) deferrable initially deferred,
  scheme text not null,
  zh text not null,
  en text not null,
  -- GeoJSON geometry, WGS 84.
  geometry jsonb,
  enabled boolean not null
);

create table department (
  code text primary key,
  id text not null,
  zh text not null,
  en text not null,
  note text not null,
  enabled boolean not null
);

create table disposal_unit (
  code text primary key,
  department text not null references department (code),
  kind text not null,
  zh text not null,
  en text not null,
  phone text not null,
  enabled boolean not null
);

-- B3 and B4 are registers of persons: never enabled, and no key leads from here to anything seen.
create table business_line (
  code text primary key,
  zh text not null,
  en text not null,
  video_link text not null,
  enabled boolean not null,
  listed boolean not null,
  constraint business_line_no_persons check (code not in ('B3', 'B4') or not enabled)
);
-- A case carries pictures; it can belong to no such line.
alter table case_file add constraint case_file_no_persons check (line not in ('B3', 'B4'));

create table camera_registration (
  node_id text not null,
  camera_id text not null,
  active boolean not null,
  lat double precision not null,
  lon double precision not null,
  in_use_since date,
  filed_on date,
  -- The whole entry of the register.
  record jsonb not null,
  enabled boolean not null,
  primary key (node_id, camera_id)
);

create table camera_neighbour (
  from_camera text not null,
  to_camera text not null,
  min_s double precision not null,
  typical_s double precision not null,
  max_s double precision not null,
  primary key (from_camera, to_camera)
);

create table responder (
  id text primary key,
  department text not null references department (code),
  unit text references disposal_unit (code),
  name text not null,
  duty text not null,
  phone text not null,
  enabled boolean not null
);

create table duty_shift (
  responder text not null references responder (id),
  area text not null references area (code),
  rank integer not null,
  days text not null,
  from_time text not null,
  to_time text not null,
  first_day text,
  last_day text
);
create index duty_shift_by_area on duty_shift (area);

create table working_hours (
  day integer not null,
  from_time text not null,
  to_time text not null,
  primary key (day, from_time)
);

create table calendar_day (
  date text primary key,
  kind text not null check (kind in ('holiday', 'workday')),
  name text not null
);
