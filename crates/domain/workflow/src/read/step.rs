//! `jobs.<id>.steps[*]`.

use super::Read;
use super::cursor::{Cursor, Fields, Keys};
use super::id::is_id;
use crate::workflow::{Action, Shell, Step, Uses};

const STEP: Keys = Keys {
    what: "a step",
    known: &[
        "id",
        "name",
        "if",
        "uses",
        "with",
        "run",
        "env",
        "shell",
        "working-directory",
        "continue-on-error",
        "timeout-minutes",
    ],
    unsupported: &["background", "wait", "wait-all", "cancel", "parallel"],
};

/// Actions of GitHub's whose service no rehearsal has.
const UNSUPPORTED_ACTIONS: [(&str, &str); 3] = [
    ("actions/cache", "caches"),
    ("actions/upload-artifact", "artefacts"),
    ("actions/download-artifact", "artefacts"),
];

pub(super) fn read(cursor: &Cursor<'_>) -> Read<Step> {
    let mut keys = cursor.keys(&STEP)?;
    Ok(Step {
        id: keys.read("id", id)?,
        name: keys.read("name", Cursor::template)?,
        condition: keys.read("if", Cursor::condition)?,
        env: keys.read("env", Cursor::values)?.unwrap_or_default(),
        continue_on_error: keys.read("continue-on-error", Cursor::literal_bool)?.unwrap_or(false),
        timeout_minutes: keys.read("timeout-minutes", Cursor::minutes)?,
        action: action(cursor, &mut keys)?,
    })
}

fn id(cursor: &Cursor<'_>) -> Read<String> {
    let id = cursor.text()?;
    if is_id(&id) && !id.starts_with("__") {
        return Ok(id);
    }
    Err(cursor.fault(format!(
        "`{id}` cannot be the id of a step: a letter or one `_` first, then letters, digits, `-` and `_`"
    )))
}

fn action(cursor: &Cursor<'_>, keys: &mut Fields<'_>) -> Read<Action> {
    match (keys.take("uses"), keys.take("run")) {
        (Some(uses), None) => {
            refuse(keys, &["shell", "working-directory"], "belongs to `run`, not to `uses`")?;
            let with = keys.read("with", with)?.unwrap_or_default();
            Ok(Action::Uses { uses: read_uses(&uses)?, with })
        }
        (None, Some(run)) => {
            refuse(keys, &["with"], "belongs to `uses`, not to `run`")?;
            Ok(Action::Run {
                run: run.template()?,
                shell: keys.read("shell", shell)?,
                working_directory: keys.read("working-directory", Cursor::template)?,
            })
        }
        (Some(_), Some(run)) => Err(run.name_fault("a step has `uses` or `run`, not both")),
        (None, None) => Err(cursor.fault("a step has `uses` or `run`, and this one has neither")),
    }
}

fn refuse(keys: &mut Fields<'_>, names: &[&str], why: &str) -> Read<()> {
    let found = names.iter().find_map(|name| Some((name, keys.take(name)?)));
    found.map_or(Ok(()), |(name, value)| Err(value.name_fault(format!("`{name}` {why}"))))
}

fn with(cursor: &Cursor<'_>) -> Read<crate::workflow::Values> {
    let values = cursor.values()?;
    match cursor.entries()?.into_iter().find(|(name, _)| matches!(*name, "args" | "entrypoint")) {
        Some((name, value)) => {
            Err(value
                .name_fault(format!("`{name}` is for actions in containers, which are not supported here")))
        }
        None => Ok(values),
    }
}

fn shell(cursor: &Cursor<'_>) -> Read<Shell> {
    match cursor.text()?.as_str() {
        "bash" => Ok(Shell::Bash),
        "sh" => Ok(Shell::Sh),
        other => {
            Err(cursor.fault(format!("the shell `{other}` is not supported here, only bash and sh are")))
        }
    }
}

fn read_uses(cursor: &Cursor<'_>) -> Read<Uses> {
    let text = cursor.text()?;
    if let Some(path) = text.strip_prefix("$/") {
        return folder(cursor, path).map(|path| Uses::Own { path });
    }
    if let Some(path) = text.strip_prefix("./") {
        return folder(cursor, path).map(|path| Uses::Workspace { path });
    }
    if text.starts_with("docker://") {
        return Err(cursor.fault("actions in containers are not supported here"));
    }
    let repository = repository(&text).ok_or_else(|| {
        cursor.fault(format!("`{text}` is no action: write $/path, ./path or owner/name/path@commit"))
    })?;
    refuse_services(cursor, &repository)?;
    Ok(repository)
}

fn folder(cursor: &Cursor<'_>, path: &str) -> Read<String> {
    let is_plain = |part: &str| !matches!(part, "" | "." | "..");
    if path.contains('@') {
        return Err(
            cursor.fault("an action of this repository takes no `@`: it is the one of the commit that runs")
        );
    }
    if path.split('/').all(is_plain) {
        return Ok(path.to_owned());
    }
    Err(cursor.fault(format!("`{path}` is no plain path of a folder")))
}

fn repository(text: &str) -> Option<Uses> {
    let (place, reference) = text.split_once('@')?;
    let mut parts = place.splitn(3, '/');
    let (owner, name, path) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
    let complete = ![owner, name, reference].contains(&"");
    complete.then(|| Uses::Repository {
        repository: format!("{owner}/{name}"),
        path: path.to_owned(),
        reference: reference.to_owned(),
    })
}

fn refuse_services(cursor: &Cursor<'_>, uses: &Uses) -> Read<()> {
    let Uses::Repository { repository, .. } = uses else { return Ok(()) };
    match UNSUPPORTED_ACTIONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(repository)) {
        Some((name, what)) => {
            Err(cursor.fault(format!("{what} are not supported here, so neither is `{name}`")))
        }
        None => Ok(()),
    }
}
