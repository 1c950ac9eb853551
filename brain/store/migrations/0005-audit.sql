-- Who did, saw or decided what. Rows are only ever added. A sealer numbers committed rows without
-- gaps and chains them by hash, so that an edit, a removal or an insertion in between is found.

create table audit (
  id uuid primary key,
  at timestamptz not null,
  -- Who: `operator:<id>`, `department:<code>`, `node:<id>`, `system`.
  actor text not null,
  -- What was done, such as `case.view`, `case.command`, `evidence.view`.
  action text not null,
  -- To what, such as `case:<id>`.
  subject text not null,
  outcome text not null check (outcome in ('done', 'refused')),
  -- Why it was allowed to be seen or done, where a reason is asked for.
  purpose text,
  address text,
  facts jsonb not null
);
create index audit_by_subject on audit (subject, at);
create index audit_by_actor on audit (actor, at);

create table audit_seal (
  -- From 1, without gaps.
  number bigint primary key,
  audit_id uuid not null unique references audit (id),
  -- SHA-256 over the hash before and the row, in hex.
  hash text not null
);

-- Waiting to be sealed; short.
create table audit_unsealed (
  position bigint generated always as identity primary key,
  audit_id uuid not null unique references audit (id)
);

-- Views of before move over; the table they were in is replaced by this one.
insert into audit (id, at, actor, action, subject, outcome, address, facts)
  select gen_random_uuid(), at, actor, action, subject, 'done', address, '{}' from access_log;
insert into audit_unsealed (audit_id) select id from audit order by at;
drop table access_log;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are only ever added', tg_table_name using errcode = '42501';
end $$;

create trigger audit_is_append_only before update or delete or truncate on audit
  for each statement execute function refuse_change();
create trigger audit_seal_is_append_only before update or delete or truncate on audit_seal
  for each statement execute function refuse_change();
