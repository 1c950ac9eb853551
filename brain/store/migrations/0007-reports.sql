-- What people report, the keys that grid workers report with, and the six joint mechanisms.

create table report (
  id uuid primary key,
  channel text not null check (channel in ('grid-worker', 'resident', 'hotline')),
  event_id uuid not null unique references event (id),
  -- The sender's own name of the report: a repetition gets the first answer.
  idempotency_key uuid not null unique,
  body_hash text not null,
  -- SHA-256 of the tracking code: who reads this table cannot follow or rate a report.
  code_hash text not null unique,
  -- The grid worker; the hotline's and residents' reports name nobody.
  responder text references responder (id),
  -- Sealed with AES-256-GCM by the key of security.secretKeyFile.
  contact text,
  received_at timestamptz not null,
  stars smallint check (stars between 1 and 5),
  comment text,
  rated_at timestamptz,
  check ((stars is null) = (rated_at is null))
);

-- A responder has one key at a time; a new one ends the old one.
create table responder_key (
  responder text primary key references responder (id),
  key_hash text not null unique,
  issued_at timestamptz not null
);

-- Which joint mechanism (六联) an event type belongs to. Data: a town may change it.
create table playbook (
  event_type text primary key,
  mechanism text not null check (mechanism in
    ('mediation', 'security', 'key-sites', 'focus-problems', 'services', 'safe-town'))
);
insert into playbook (event_type, mechanism) values
  ('CIV.DISPUTE', 'mediation'), ('CIV.FOOD', 'mediation'),
  ('SEC.FIGHT', 'security'), ('SEC.INTRUDE', 'security'), ('SEC.CROSS', 'security'),
  ('SEC.LOITER', 'security'), ('SEC.REMOVE', 'security'), ('SEC.ABANDON', 'security'),
  ('SEC.CROWD', 'key-sites'), ('SEC.LINE', 'key-sites'), ('SCH.GATE', 'key-sites'),
  ('WAT.RISK', 'key-sites'), ('FIR.SMOKE', 'key-sites'), ('SAF.GAS', 'key-sites'),
  ('INF.SINK', 'key-sites'), ('INF.FLOOD', 'key-sites'), ('INF.CABLE', 'key-sites'),
  ('SEC.THROW', 'focus-problems'), ('FIR.LANE', 'focus-problems'),
  ('FIR.EBIKE', 'focus-problems'), ('SAF.PPE', 'focus-problems'),
  ('ENV.BURN', 'focus-problems'), ('ENV.DUST', 'focus-problems'),
  ('ENV.WATER', 'focus-problems'), ('UM.BUILD', 'focus-problems'),
  ('UM.GARBAGE', 'focus-problems'), ('UM.DEBRIS', 'focus-problems'),
  ('UM.SPILL', 'focus-problems'), ('UM.ROAD', 'focus-problems'), ('UM.GREEN', 'focus-problems'),
  ('UM.AD', 'focus-problems'), ('UM.VENDOR', 'focus-problems'), ('UM.SHOP', 'focus-problems'),
  ('UM.PARK', 'focus-problems'), ('UM.BIKE', 'focus-problems'), ('UM.PILE', 'focus-problems'),
  ('UM.BBQ', 'focus-problems'), ('UM.COVER', 'focus-problems'),
  ('TRF.CRASH', 'focus-problems'), ('TRF.WRONG', 'focus-problems'),
  ('TRF.JAM', 'focus-problems'),
  ('CIV.HELP', 'services'), ('CIV.RENT', 'services'), ('MED.DOWN', 'services'),
  ('GAT.BREACH', 'safe-town'), ('DEV.LOST', 'safe-town'), ('DEV.TAMPER', 'safe-town'),
  ('DEV.QUALITY', 'safe-town');
