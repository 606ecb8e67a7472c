-- A database that existed before the pipeline did: the ledger's tables stand beside others and have columns that
-- the ledger knows nothing of.
create schema if not exists core;

create table core.deployments (
  generation bigint generated always as identity primary key,
  reference text not null,
  tag text,
  sha text not null check (sha ~ '^[0-9a-f]{40}$'),
  targets text[] not null,
  run_id bigint not null,
  created_at timestamptz not null default now(),
  intent_at timestamptz,
  cut_over_at timestamptz,
  synced_at timestamptz,
  rolled_back_at timestamptz,
  previous_cnames jsonb,
  created_by text not null default current_user,
  note text
);

create table core.workers (
  worker_id text primary key,
  generation bigint,
  state text check (state in ('starting', 'running', 'draining', 'stopped')),
  last_heartbeat timestamptz,
  hostname text
);

create table core.outbox (
  id bigint generated always as identity primary key,
  generation bigint,
  status text not null default 'pending' check (status in ('pending', 'in_flight', 'done')),
  payload jsonb not null default '{}',
  claimed_by text references core.workers (worker_id)
);

create table core.schema_merges (
  id bigint generated always as identity primary key,
  run_id bigint not null,
  sha text not null,
  before text[] not null,
  pending text[] not null check (cardinality(pending) > 0),
  began_at timestamptz not null default now(),
  ended_at timestamptz,
  applied text[],
  acknowledged_at timestamptz,
  remark text
);
