-- The deployment ledger. Every statement may run again, and leaves what is there alone: a database may hold
-- these tables already, with more columns.

create schema if not exists core;

-- One row a generation. A row is open, an unfinished flip, while intent_at is set and neither cut_over_at nor
-- rolled_back_at is.
create table if not exists core.deployments (
  generation bigint generated always as identity primary key,
  reference text not null,
  tag text,
  sha text not null,
  targets text[] not null,
  run_id bigint not null,
  created_at timestamptz not null default now(),
  intent_at timestamptz,
  cut_over_at timestamptz,
  synced_at timestamptz,
  rolled_back_at timestamptz,
  previous_cnames jsonb
);

-- One row a worker, which it keeps fresh itself.
create table if not exists core.workers (
  worker_id text primary key,
  generation bigint,
  state text,
  last_heartbeat timestamptz
);

-- One row a piece of work; status is pending, in_flight or done. A worker claims rows of its own generation only.
create table if not exists core.outbox (
  id bigint generated always as identity primary key,
  generation bigint,
  status text not null default 'pending'
);
