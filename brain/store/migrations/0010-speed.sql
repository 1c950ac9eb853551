-- What a town with very many cases asks for again and again.

-- All tasks of a case, ended ones too: a case's page, and what a department has given back.
create index task_by_case on task (case_id, department);

-- Open cases by urgency, without reading the cases themselves.
create index case_file_open on case_file (service_level, reported_at)
  include (id, dispatched_at, contained_at, dispatch_limit_ms, contain_limit_ms)
  where state not in ('REJECTED', 'MERGED', 'CANCELLED', 'CLOSED', 'EVALUATED', 'ARCHIVED');
