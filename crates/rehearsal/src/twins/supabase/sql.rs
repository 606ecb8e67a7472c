//! SQL on a project's server, and its rows as Supabase shows them in JSON.

use std::error::Error as StdError;

use serde_json::{Map, Value};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, Row, SimpleQueryMessage};

/// Why there are no rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SqlError {
    /// The server's refusal, worded as Supabase words it (recorded in issue 4737 of
    /// stackblitz/bolt.new).
    #[error("ERROR:  {code}: {message}")]
    Refused {
        /// The SQLSTATE.
        code: String,
        /// The server's words.
        message: String,
    },
    /// The twin's own limits.
    #[error("the Supabase twin {0}")]
    Twin(String),
}

/// The rows of one statement, or of the last of several, by column. A column's name
/// that occurs twice occurs once.
pub(super) fn rows(dsn: &str, sql: &str, parameters: &[Value]) -> Result<Vec<Value>, SqlError> {
    blocking(dsn, async |client| {
        let statement = match client.prepare(sql).await {
            Ok(statement) => statement,
            // Several statements cannot be prepared; without parameters they need not be.
            Err(error) if is_several(&error) && parameters.is_empty() => return several(client, sql).await,
            Err(error) => return Err(refused(&error)),
        };
        let parameters: Vec<Parameter> = parameters.iter().cloned().map(Parameter).collect();
        let parameters: Vec<&(dyn ToSql + Sync)> =
            parameters.iter().map(|one| one as &(dyn ToSql + Sync)).collect();
        let rows = client.query(&statement, &parameters).await.map_err(|error| refused(&error))?;
        rows.iter().map(object).collect()
    })
}

/// Runs statements as one simple query: an implicit transaction around all of them
/// (PostgreSQL docs, message flow, multiple statements in a simple query).
pub(super) fn batch(dsn: &str, sql: &str) -> Result<(), SqlError> {
    blocking(dsn, async |client| client.batch_execute(sql).await.map_err(|error| refused(&error)))
}

/// A connection of its own, on a thread of its own: fit for any thread.
fn blocking<T: Send>(
    dsn: &str,
    work: impl AsyncFnOnce(&Client) -> Result<T, SqlError> + Send,
) -> Result<T, SqlError> {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| SqlError::Twin(format!("has no runtime: {error}")))?;
        runtime.block_on(async {
            let connected = tokio_postgres::connect(dsn, NoTls).await;
            let (client, connection) = connected.map_err(|error| refused(&error))?;
            let connection = tokio::spawn(connection);
            let done = work(&client).await;
            connection.abort();
            done
        })
    };
    let joined = std::thread::scope(|scope| scope.spawn(run).join());
    joined.unwrap_or_else(|_| Err(SqlError::Twin("panicked over a query".to_owned())))
}

fn refused(error: &tokio_postgres::Error) -> SqlError {
    match error.as_db_error() {
        Some(error) => {
            SqlError::Refused { code: error.code().code().to_owned(), message: error.message().to_owned() }
        }
        None => {
            let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            SqlError::Twin(format!("lost its database: {error}{source}"))
        }
    }
}

fn is_several(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|error| error.message().contains("multiple commands"))
}

/// The last statement's rows, all of them text: the simple protocol tells no types.
async fn several(client: &Client, sql: &str) -> Result<Vec<Value>, SqlError> {
    let messages = client.simple_query(sql).await.map_err(|error| refused(&error))?;
    let mut rows = Vec::new();
    for message in messages {
        match message {
            SimpleQueryMessage::RowDescription(_) => rows.clear(),
            SimpleQueryMessage::Row(row) => {
                let names = row.columns().iter().map(|column| column.name().to_owned());
                let values = (0..row.len()).map(|at| row.get(at).map_or(Value::Null, Value::from));
                rows.push(Value::Object(names.zip(values).collect()));
            }
            _ => {}
        }
    }
    Ok(rows)
}

fn object(row: &Row) -> Result<Value, SqlError> {
    let mut fields = Map::new();
    for (at, column) in row.columns().iter().enumerate() {
        fields.insert(column.name().to_owned(), value(row, at, column.type_())?);
    }
    Ok(Value::Object(fields))
}

/// As node-postgres shows the types: numbers that fit are numbers (postgres-meta's
/// parsers), text and times are text, JSON and arrays are themselves.
fn value(row: &Row, at: usize, kind: &Type) -> Result<Value, SqlError> {
    let wrong = |error: tokio_postgres::Error| SqlError::Twin(format!("cannot read a column: {error}"));
    let json = |value: Option<Value>| value.unwrap_or(Value::Null);
    Ok(match *kind {
        Type::BOOL => json(row.try_get::<_, Option<bool>>(at).map_err(wrong)?.map(Value::from)),
        Type::INT2 => json(row.try_get::<_, Option<i16>>(at).map_err(wrong)?.map(Value::from)),
        Type::INT4 => json(row.try_get::<_, Option<i32>>(at).map_err(wrong)?.map(Value::from)),
        Type::INT8 => json(row.try_get::<_, Option<i64>>(at).map_err(wrong)?.map(Value::from)),
        Type::FLOAT8 => json(row.try_get::<_, Option<f64>>(at).map_err(wrong)?.map(Value::from)),
        Type::TEXT | Type::VARCHAR | Type::NAME | Type::BPCHAR | Type::UNKNOWN => {
            json(row.try_get::<_, Option<String>>(at).map_err(wrong)?.map(Value::from))
        }
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY => {
            json(row.try_get::<_, Option<Vec<Option<String>>>>(at).map_err(wrong)?.map(Value::from))
        }
        Type::JSON | Type::JSONB => match row.try_get::<_, Option<Document>>(at).map_err(wrong)? {
            Some(Document(value)) => value,
            None => Value::Null,
        },
        Type::VOID => Value::from(""),
        _ => {
            return Err(SqlError::Twin(format!(
                "shows no values of type {}; cast them to text",
                kind.name()
            )));
        }
    })
}

/// A JSON document; binary `jsonb` has a version before its text.
struct Document(Value);

impl<'a> tokio_postgres::types::FromSql<'a> for Document {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        let text = match (kind, raw) {
            (&Type::JSONB, [1, text @ ..]) => text,
            (_, text) => text,
        };
        Ok(Self(serde_json::from_slice(text)?))
    }

    tokio_postgres::types::accepts!(JSON, JSONB);
}

/// A parameter, in the type that the statement wants.
#[derive(Debug)]
struct Parameter(Value);

impl ToSql for Parameter {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let wrong = || format!("the parameter {} is no {}", self.0, kind.name());
        if self.0.is_null() {
            return Ok(IsNull::Yes);
        }
        match *kind {
            Type::BOOL => self.0.as_bool().ok_or_else(wrong)?.to_sql(kind, out),
            Type::INT4 => i32::try_from(self.0.as_i64().ok_or_else(wrong)?)?.to_sql(kind, out),
            Type::INT8 => self.0.as_i64().ok_or_else(wrong)?.to_sql(kind, out),
            Type::TEXT_ARRAY => {
                let texts = self.0.as_array().ok_or_else(wrong)?;
                let texts: Vec<Option<&str>> = texts.iter().map(Value::as_str).collect();
                texts.to_sql(kind, out)
            }
            Type::TEXT | Type::VARCHAR | Type::NAME => match &self.0 {
                Value::String(text) => text.as_str().to_sql(kind, out),
                other => other.to_string().as_str().to_sql(kind, out),
            },
            _ => Err(wrong().into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
