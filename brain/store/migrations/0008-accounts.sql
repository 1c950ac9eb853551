-- Accounts: who may sign in. An account is never removed, only disabled: the audit names it.

create table account (
  id uuid primary key,
  -- For signing in, lower case; what the provider says for accounts of an OpenID provider.
  name text not null,
  display_name text not null,
  roles jsonb not null,
  department text,
  -- Leading digits of the grids whose cases the account sees.
  jurisdiction text,
  enabled boolean not null default true,
  -- Argon2id in PHC form; null until a password was chosen, and where a provider signs in.
  password_hash text,
  issuer text,
  subject text,
  created_at timestamptz not null,
  signed_in_at timestamptz,
  check ((issuer is null) = (subject is null)),
  check (issuer is null or password_hash is null)
);
create unique index account_by_name on account (name) where issuer is null;
create unique index account_by_subject on account (issuer, subject) where issuer is not null;

-- Tokens are kept as SHA-256 only: whoever reads the table cannot sign in.
create table account_session (
  token_hash text primary key,
  account_id uuid not null references account (id),
  created_at timestamptz not null,
  -- Of the last request, to the minute.
  seen_at timestamptz not null,
  -- The end, whatever is asked until then.
  expires_at timestamptz not null,
  address text not null
);
create index account_session_by_account on account_session (account_id);
create index account_session_by_end on account_session (expires_at);

create table account_invitation (
  account_id uuid primary key references account (id),
  token_hash text not null unique,
  expires_at timestamptz not null
);

-- Tries to sign in that failed or are under way; a success takes its own away.
create table sign_in_attempt (
  id bigint generated always as identity primary key,
  name text not null,
  address text not null,
  at timestamptz not null
);
create index sign_in_attempt_by_name on sign_in_attempt (name, at);
create index sign_in_attempt_by_address on sign_in_attempt (address, at);
create index sign_in_attempt_by_time on sign_in_attempt (at);

-- What a department's desk and a jurisdiction ask for.
create index task_by_department on task (department, case_id)
  where state not in ('RETURNED', 'WITHDRAWN');
create index case_file_by_grid on case_file ((location ->> 'gridCode') text_pattern_ops);
