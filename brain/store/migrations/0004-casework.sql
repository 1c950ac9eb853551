-- Casework: what the case machine knows beyond state and times, whistles, timers and commands.

alter table case_file
  -- The machine's own record, the policy in force at the opening within it; null until the case's
  -- timers have been set.
  add column work jsonb,
  add column level smallint not null default 2,
  add column light text not null default 'none',
  -- Version of the last decision: a command that has seen it or a later one is up to date, however
  -- many events and warnings have come since.
  add column decided_version integer not null default 1;
create index case_file_unarmed on case_file (id) where work is null;
-- Cases change often: room on the page keeps a change from touching every index.
alter table case_file set (fillfactor = 70);

-- A department may get a case again that it, or another, has returned: as a new task.
alter table task drop constraint task_case_id_department_key;
create unique index task_live on task (case_id, department)
  where state not in ('RETURNED', 'WITHDRAWN');

create table whistle (
  id uuid primary key,
  case_id uuid not null references case_file (id),
  state text not null,
  version integer not null,
  record jsonb not null,
  blown_at timestamptz not null,
  due_at timestamptz not null,
  updated_at timestamptz not null
);
create index whistle_by_case on whistle (case_id, blown_at);

-- What a case or a whistle waits for: at most one moment of a kind. Whoever holds the token of an
-- unexpired lease fires it; a lease that runs out belongs to whoever claims it next.
create table timer (
  subject uuid not null,
  kind text not null,
  case_id uuid not null references case_file (id),
  due_at timestamptz not null,
  lease_token uuid,
  lease_until timestamptz,
  primary key (subject, kind)
) with (fillfactor = 70);
-- No index holds a lease: taking one leaves the indexes alone.
create index timer_due on timer (due_at);

-- A repeated command gets its first answer.
create table command (
  principal text not null,
  key text not null,
  body_hash text not null,
  answer jsonb not null,
  at timestamptz not null,
  primary key (principal, key)
);
create index command_by_time on command (at);
