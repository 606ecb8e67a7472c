-- The ledger's own account of merges. It may run again, and leaves what is there alone.

-- One row a merge of a branch's schema into this database, written before it is asked for. A row is open while
-- ended_at is not set: then the merge goes on, was killed, or added something else than pending to before.
create table if not exists core.schema_merges (
  id bigint generated always as identity primary key,
  run_id bigint not null,
  sha text not null,
  before text[] not null,
  pending text[] not null,
  began_at timestamptz not null default now(),
  ended_at timestamptz,
  applied text[],
  acknowledged_at timestamptz
);
