-- Administration: endpoints and secrets that are changed in the control room, and routing by place.

-- What the control room has changed is the control room's: the directory file only seeds it.
alter table endpoint
  -- Rises with every change; a change that has not seen the newest is refused.
  add column version integer not null default 1,
  add column managed_by text not null default 'file' check (managed_by in ('file', 'room')),
  -- Why it is disabled, in the words of who did it.
  add column disabled_reason text,
  -- Secrets of before, sealed as `secret` is, each with the time until which it is still signed with.
  add column old_secrets jsonb not null default '[]',
  add column rotated_at timestamptz,
  add column changed_at timestamptz,
  add column changed_by text,
  -- What the file said when it was last applied or noted: {url, secret}, the secret as SHA-256.
  add column file_seed jsonb,
  -- What the file says now, where it differs from that and is not applied.
  add column file_differs jsonb,
  add column file_seen_at timestamptz;

alter table node
  add column version integer not null default 1,
  add column managed_by text not null default 'file' check (managed_by in ('file', 'room')),
  add column old_secrets jsonb not null default '[]',
  add column rotated_at timestamptz,
  add column changed_at timestamptz,
  add column changed_by text,
  add column file_seed jsonb,
  add column file_differs jsonb,
  add column file_seen_at timestamptz;

-- Whom to ask, and why nothing new is sent to the department; empty: nothing is in its way.
alter table department
  add column contact text not null default '',
  add column phone text not null default '',
  add column disabled text not null default '';

-- Why somebody changed the directory in the control room; null for an import of files.
alter table directory_import add column reason text;

-- Who leads where: beside the catalogue, which says who leads without regard to the place.
create table routing_rule (
  -- An event type, a family such as `FIR.*`, or `*`.
  event_type text not null,
  -- Leading digits of grids; empty: everywhere.
  area text not null,
  lead text not null references department (code),
  unit text references disposal_unit (code),
  -- Departments beside the lead; null: those of the catalogue.
  co jsonb,
  primary key (event_type, area)
);

-- A broker that subscribers listen to, with its place in the stream of changes.
alter table subscription
  add column transport text not null default 'webhook' check (transport in ('webhook', 'mqtt'));
