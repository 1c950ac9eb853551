-- What the control room wants of cameras, what nodes say of them, and single orders to nodes.

-- Every version of a camera's plan: who wanted it, when and why. The highest version is wanted now;
-- a row never changes. JSON is kept as text: nothing looks into it in SQL.
create table camera_plan (
  node_id text not null,
  camera_id text not null,
  version integer not null check (version > 0),
  analysed boolean not null,
  paused json not null,
  -- Null: the rules of the node's own file.
  rules json,
  -- What this version changed.
  did json not null,
  rule_ids json not null,
  reason text not null,
  changed_by text not null,
  changed_by_name text not null,
  changed_at timestamptz not null,
  primary key (node_id, camera_id, version)
);

-- What the node told last of a camera.
create table camera_scene (
  node_id text not null,
  camera_id text not null,
  -- Version of the plan in force; null while only the scene was told.
  version integer,
  -- A newer plan that the node refused, and why.
  refused json,
  scene json,
  -- Since when it stands so.
  told_at timestamptz not null,
  primary key (node_id, camera_id)
);

-- Orders of a few seconds' life. They are here so that a node may wait at one replica of the brain
-- and the operator at another; rows of the past are taken away with the next order.
create table node_order (
  id uuid primary key,
  node_id text not null,
  camera_id text not null,
  kind text not null check (kind in ('snapshot', 'test-rule')),
  -- Of a test; null for a snapshot.
  rule json,
  until timestamptz not null,
  -- Told to the node, once.
  told_at timestamptz,
  result json
);
create index node_order_by_node on node_order (node_id, until);

-- Pictures that were ordered in order to draw rules. They belong to no event and no case: nobody
-- needs one for longer than the drawing takes, and retention may delete any that is a day old
-- (unless the same bytes are also evidence of an event, in `evidence_ref`).
create table camera_snapshot (
  node_id text not null,
  -- Empty from the upload until the order's result names the camera.
  camera_id text not null,
  sha256 text not null references evidence (sha256),
  at timestamptz not null,
  primary key (node_id, camera_id, sha256)
);
create index camera_snapshot_by_hash on camera_snapshot (sha256);
create index camera_snapshot_by_time on camera_snapshot (at);
