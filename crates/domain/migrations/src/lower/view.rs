//! `create view` and `create materialized view`.

use crate::cursor::Cursor;
use crate::statement::{Action, CreateView};
use crate::token::line;

/// Reads the rest of `create view`.
pub(super) fn create(cursor: &mut Cursor<'_>, or_replace: bool, temporary: bool) -> Option<Action> {
    let name = cursor.path()?;
    let mut view = CreateView {
        name,
        columns: cursor.columns().unwrap_or_default(),
        or_replace,
        if_not_exists: false,
        temporary,
        materialized: false,
        invoker: false,
        options: String::new(),
        query: Vec::new(),
        empty: false,
    };
    if cursor.eat("with") {
        let options = line(cursor.brackets()?);
        view.invoker = is_invoker(&options);
        view.options = options;
    }
    cursor.eat("as");
    let stops = ["with check option", "with local check option", "with cascaded check option"];
    view.query = cursor.until(&stops).to_vec();
    if !cursor.is_empty() {
        view.options.push_str(" check option");
    }
    Some(Action::View(view))
}

/// Whether a view reads with the rights of who asks (PostgreSQL docs, `CREATE VIEW`: `security_invoker`).
pub(super) fn is_invoker(options: &str) -> bool {
    let Some((_, value)) = options.split_once("security_invoker") else { return false };
    let value = value.trim_start().strip_prefix('=').map(str::trim_start);
    value.is_none_or(|value| {
        ["true", "on", "1", "'true'", "'on'", "yes"].iter().any(|word| value.starts_with(word))
    })
}

/// Reads the rest of `create materialized view`.
pub(super) fn create_materialized(cursor: &mut Cursor<'_>) -> Option<Action> {
    let if_not_exists = cursor.eat("if not exists");
    let name = cursor.path()?;
    let columns = cursor.columns().unwrap_or_default();
    cursor.until(&["as"]);
    cursor.eat("as");
    let query = cursor.until(&["with data", "with no data"]).to_vec();
    Some(Action::View(CreateView {
        name,
        columns,
        or_replace: false,
        if_not_exists,
        temporary: false,
        materialized: true,
        invoker: false,
        options: String::new(),
        query,
        empty: cursor.sees("with no data"),
    }))
}
