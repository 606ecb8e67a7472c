//! SQL over the API.

use serde_json::json;
use supabase::HistoryRow;

use crate::world::{World, id};

#[test]
fn values_come_in_their_types_and_parameters_go_in_theirs() {
    let world = World::new();
    let project = id(&world.production);
    world.with(async move |client, permit| {
        let sql = "select $1::text as text, $2::int as number, $3::bool as truth, $4::text[] as list, null::text as nothing, \
            '{\"a\":[1]}'::jsonb as document, 9007199254740991 as big";
        let rows = client.read(&project, sql, &[json!("a'b"), json!(5), json!(true), json!(["x", "y"])]).await.unwrap();
        let expected = json!({"text": "a'b", "number": 5, "truth": true, "list": ["x", "y"], "nothing": null,
            "document": {"a": [1]}, "big": 9_007_199_254_740_991_i64});
        assert_eq!(json!(rows), json!([expected]));
        assert!(client.execute(&project, "create table t (a int)", &[], &permit).await.unwrap().is_empty());
        let inserted = "insert into public.t values (7) returning a";
        assert_eq!(client.execute(&project, inserted, &[], &permit).await.unwrap()[0]["a"], 7);
    });
}

#[test]
fn what_only_reads_cannot_write_and_needs_qualified_names() {
    let world = World::new();
    world.twin.migrate(&world.production, "20260101000000_a", &["create table a (a int)"]).unwrap();
    let project = id(&world.production);
    world.with(async move |client, _| {
        for (sql, code) in [
            ("insert into public.a values (1)", "25006"),
            ("begin read write; insert into public.a values (1); commit", "42501"),
            ("select * from a", "42P01"),
            ("selec 1", "42601"),
        ] {
            let error = client.read(&project, sql, &[]).await.unwrap_err();
            assert_eq!((error.status(), error.outcome()), (Some(400), http::Outcome::Refused));
            assert!(
                error.to_string().contains(&format!("Failed to run sql query: ERROR: {code}")),
                "{error}"
            );
        }
        assert!(client.read(&project, "select * from public.a", &[]).await.unwrap().is_empty());
    });
    assert_eq!(world.twin.effects(), []);
}

#[test]
fn the_history_is_read_whatever_columns_its_table_has() {
    let world = World::new();
    let project = id(&world.production);
    world.with(async move |client, permit| {
        assert_eq!(client.history(&project).await.unwrap(), []);
        let old = "create schema supabase_migrations; \
            create table supabase_migrations.schema_migrations (version text primary key, created_by text); \
            insert into supabase_migrations.schema_migrations values ('20260102000000', 'x'), ('20260101000000', null)";
        client.execute(&project, old, &[], &permit).await.unwrap();
        let bare = |version: &str| HistoryRow { version: version.into(), name: None, statements: None };
        let found = client.history(&project).await.unwrap();
        assert_eq!(found, [bare("20260101000000"), bare("20260102000000")]);
        let more = "alter table supabase_migrations.schema_migrations add statements text[], add name text; \
            insert into supabase_migrations.schema_migrations values ('20260103000000', null, array['select 1'], 'c')";
        client.execute(&project, more, &[], &permit).await.unwrap();
        let last = client.history(&project).await.unwrap().pop().unwrap();
        assert_eq!((last.name.as_deref(), last.statements), (Some("c"), Some(vec!["select 1".to_owned()])));
    });
}
