-- The brain's tables. PostgreSQL is the only truth: every obligation is a row here.

-- Directory ------------------------------------------------------------------------------------

create table node (
  id text primary key,
  -- Sealed with AES-256-GCM by the key of security.secretKeyFile; never stored in clear.
  secret text not null,
  enabled boolean not null default true,
  heartbeat jsonb,
  seen_at timestamptz,
  -- Node clock minus brain clock at the last heartbeat.
  skew_ms double precision
);

create table camera (
  node_id text not null references node (id),
  id text not null,
  name text not null,
  site_type text not null,
  managing_unit text not null,
  purposes jsonb not null,
  retention_days integer not null,
  sign_posted boolean not null,
  location jsonb not null,
  enabled boolean not null default true,
  primary key (node_id, id)
);

create table endpoint (
  id uuid primary key,
  department text not null unique,
  url text not null,
  secret text not null,
  enabled boolean not null default true,
  last_attempt_at timestamptz,
  last_success_at timestamptz,
  -- Null while the last attempt succeeded.
  last_error text
);

-- Intake (T1) ----------------------------------------------------------------------------------

create table event (
  id uuid primary key,
  -- Text as it was sent: nothing looks into it in SQL, and jsonb costs half of intake.
  body json not null,
  body_hash text not null,
  node_id text not null,
  camera_id text not null,
  alarm_id uuid not null,
  event_type text not null,
  phase text not null,
  sequence text not null,
  onset timestamptz not null,
  captured_at timestamptz not null,
  accepted_at timestamptz not null,
  correlated_at timestamptz
);

-- Written with its event in one statement, so that neither needs a check of its own.
create table inbox (
  position bigint generated always as identity primary key,
  event_id uuid not null,
  failures integer not null default 0
);

-- What was refused, so that a person can see it: bounded per node.
create table quarantine (
  id bigint generated always as identity primary key,
  node_id text not null,
  event_id text,
  code text not null,
  problem jsonb not null,
  body text not null,
  body_hash text not null,
  at timestamptz not null
);
create index quarantine_by_node on quarantine (node_id, id);
create unique index quarantine_once on quarantine (node_id, body_hash, code);

create table evidence (
  sha256 text primary key,
  state text not null check (state in ('announced', 'stored')),
  mime text not null,
  bytes bigint not null,
  announced_at timestamptz not null,
  stored_at timestamptz
);

create table evidence_ref (
  event_id uuid not null references event (id),
  sha256 text not null references evidence (sha256),
  node_id text not null,
  role text not null,
  width bigint not null,
  height bigint not null,
  captured_at timestamptz not null,
  primary key (event_id, sha256)
);
create index evidence_ref_by_hash on evidence_ref (sha256, node_id);

-- Incidents and cases (T2) ---------------------------------------------------------------------

create table incident (
  id uuid primary key,
  opened_at timestamptz not null
);

-- Hard links: one open incident per key, such as alarm:<node>:<alarm id>.
create table incident_key (
  key text primary key,
  incident_id uuid not null references incident (id)
);
create index incident_key_by_incident on incident_key (incident_id);

create table incident_event (
  event_id uuid primary key references event (id),
  incident_id uuid not null references incident (id),
  -- Why the event belongs to the incident, for an operator to read.
  link text not null
);
create index incident_event_by_incident on incident_event (incident_id);

create table case_day (
  day text primary key,
  last integer not null
);

create table case_file (
  id uuid primary key,
  incident_id uuid not null unique references incident (id),
  number text not null unique,
  event_type text not null,
  title jsonb not null,
  line text not null,
  severity integer not null,
  service_level text not null,
  state text not null,
  version integer not null,
  lead text not null,
  node_id text not null,
  camera_id text not null,
  camera_name text not null,
  location jsonb not null,
  detection jsonb,
  privacy jsonb not null,
  snapshot jsonb,
  snapshot_sha256 text,
  -- Newest event of the alarm by its sequence, whatever the order of arrival.
  phase text not null,
  sequence text not null,
  event_count integer not null,
  onset timestamptz not null,
  captured_at timestamptz not null,
  reported_at timestamptz not null,
  filed_at timestamptz,
  dispatched_at timestamptz,
  accepted_at timestamptz,
  contained_at timestamptz,
  updated_at timestamptz not null,
  -- The clocks' policy in force when the case opened, ms.
  report_limit_ms integer not null,
  dispatch_limit_ms integer not null,
  contain_limit_ms integer not null
);
create index case_file_newest on case_file (reported_at desc, id desc);
create index case_file_by_state on case_file (state, reported_at desc, id desc);
create index case_file_by_snapshot on case_file (snapshot_sha256);

create table task (
  id uuid primary key,
  case_id uuid not null references case_file (id),
  department text not null,
  role text not null,
  state text not null,
  created_at timestamptz not null,
  delivered_at timestamptz,
  -- When the department answered, whichever way.
  answered_at timestamptz,
  accepted_at timestamptz,
  reference text,
  unit text,
  reason text,
  unique (case_id, department)
);

-- Dispatch (T5, T6) ----------------------------------------------------------------------------

create table delivery (
  id uuid primary key,
  task_id uuid not null references task (id),
  case_id uuid not null references case_file (id),
  endpoint_id uuid not null references endpoint (id),
  department text not null,
  -- The message without the addresses that depend on where the brain is reached.
  payload jsonb not null,
  state text not null check (state in ('PENDING', 'IN_FLIGHT', 'DELIVERED', 'DEAD')),
  attempts integer not null default 0,
  slow_attempts integer not null default 0,
  next_attempt_at timestamptz,
  -- Until then retries are fast.
  fast_until timestamptz not null,
  give_up_at timestamptz not null,
  lease_token uuid,
  lease_until timestamptz,
  created_at timestamptz not null,
  first_sent_at timestamptz,
  delivered_at timestamptz,
  last_error text
);
create index delivery_due on delivery (endpoint_id, next_attempt_at) where state = 'PENDING';
create index delivery_leased on delivery (endpoint_id, lease_until) where state = 'IN_FLIGHT';
create index delivery_by_case on delivery (case_id);
create index delivery_by_task on delivery (task_id);

create table attempt (
  delivery_id uuid not null references delivery (id),
  number integer not null,
  at timestamptz not null,
  duration_ms double precision not null,
  status integer,
  error text,
  primary key (delivery_id, number)
);

-- What happened, and what the control room is told ---------------------------------------------

create table timeline (
  id bigint generated always as identity primary key,
  case_id uuid not null references case_file (id),
  at timestamptz not null,
  kind text not null,
  actor text not null,
  facts jsonb not null
);
create index timeline_by_case on timeline (case_id, id);

-- Written under one advisory lock that is held until commit, so that positions become visible in
-- their order and a reader that remembers the last one misses nothing.
create table stream (
  position bigint generated always as identity primary key,
  case_id uuid not null references case_file (id),
  at timestamptz not null
);

-- Every view of a case and of a picture leaves a trace.
create table access_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  address text not null
);
create index access_log_by_subject on access_log (subject, id);
