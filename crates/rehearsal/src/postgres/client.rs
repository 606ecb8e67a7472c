//! Questions of the tests themselves, asked over a connection of their own.

use anyhow::{Context as _, Result, anyhow};
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// Every row of every statement in `sql`, as text. Blocks; fit for any thread, one that runs tasks too.
pub(super) fn query(dsn: &str, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
    let asked = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(ask(dsn, sql))
        });
        thread.join()
    });
    asked.map_err(|_| anyhow!("the thread that asks PostgreSQL panicked"))?
}

async fn ask(dsn: &str, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
    let (client, connection) = tokio_postgres::connect(dsn, NoTls).await.context("connect to PostgreSQL")?;
    let connection = tokio::spawn(connection);
    let messages = client.simple_query(sql).await;
    connection.abort();
    let rows =
        messages.with_context(|| format!("ask PostgreSQL: {sql}"))?.into_iter().filter_map(|message| {
            let SimpleQueryMessage::Row(row) = message else { return None };
            Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
        });
    Ok(rows.collect())
}
