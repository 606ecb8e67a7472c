//! What the end of a deploy means: success, failure, or overtaken by another.

use std::time::Duration;

use action::{Failure, markdown};
use render::{Deploy, LogFilter, LogType, Status};
use wait::{Ended, Look, Schedule};

use crate::decision::successor;
use crate::mark;
use crate::run::{Run, Unseen, look};
use crate::target::shipped;
use crate::words::{STILL_SERVES, count, short};

/// How long the deploy that took another's place may be missing from the list.
const SUCCESSOR_APPEARS_WITHIN: Duration = Duration::from_secs(5);

/// A line of a log is cut here; the summary holds 1 MiB in all.
const LONGEST_LINE: usize = 500;

/// How a deploy was come by, for the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Begun,
    Attached,
    Finished,
    Unchanged,
}

impl Origin {
    const fn words(self) -> &'static str {
        match self {
            Self::Begun => "begun by this run",
            Self::Attached => "begun earlier, attached to",
            Self::Finished => "begun by an earlier run, live already",
            Self::Unchanged => "live already, nothing differs",
        }
    }
}

impl Run<'_> {
    /// Judges the end of a deploy.
    pub(crate) async fn conclude(
        &self,
        deploy: &Deploy,
        changed: &[&str],
        took: Duration,
    ) -> Result<(), Failure> {
        let took = short(took);
        match &deploy.status {
            Status::Live => {
                tracing::info!("deploy {} of {} is live after {took}", deploy.id, self.name());
                Ok(())
            }
            Status::Deactivated | Status::Canceled => Err(self.replaced_or_canceled(deploy, &took).await),
            status => {
                let ended = format!("deploy {} of {} ended as {status} after {took}", deploy.id, self.name());
                Err(self.failed(deploy, ended, changed).await)
            }
        }
    }

    /// The hints of a deploy that failed, and its log in the summary.
    async fn failed(&self, deploy: &Deploy, ended: String, changed: &[&str]) -> Failure {
        let mut failure = Failure::failed(ended);
        match self.show_log(deploy).await {
            Ok(0) => {}
            Ok(lines) => {
                failure =
                    failure.hint(format!("the last {} are in the job summary", count(lines, "log line")))
            }
            Err(error) => failure = failure.hint(format!("its log could not be read: {error}")),
        }
        failure =
            failure.hint(format!("see the deploy's own page{}", self.page_of(&deploy.id))).hint(STILL_SERVES);
        if changed.is_empty() {
            return failure;
        }
        failure.hint(format!(
            "variables that stay as written: {}; they take effect at the next deploy, and {} stands beside them until \
             a run succeeds",
            changed.join(", "),
            mark::KEY
        ))
    }

    /// A newer deploy took its place (6), or somebody cancelled it (1).
    async fn replaced_or_canceled(&self, deploy: &Deploy, took: &str) -> Failure {
        let ended =
            format!("deploy {} of {} ended as {} after {took}", deploy.id, self.name(), deploy.status);
        match self.successor(deploy).await {
            Some(newer) => {
                let trigger =
                    newer.trigger.as_ref().map(|trigger| format!(", trigger {trigger}")).unwrap_or_default();
                Failure::stale(format!("{ended}: the newer deploy {} took its place", newer.id))
                    .hint(format!(
                        "{} is {} and ships {}{trigger}{}",
                        newer.id,
                        newer.status,
                        shipped(&newer),
                        self.page_of(&newer.id)
                    ))
                    .hint("find out who began it; run again only if this deploy is still wanted")
            }
            None if deploy.status == Status::Deactivated => {
                Failure::stale(format!("{ended}: it was live, and something newer has replaced it"))
                    .hint(format!("see the deploys of the service{}", self.page_of(&deploy.id)))
            }
            None => Failure::failed(format!("{ended}: somebody cancelled it"))
                .hint(format!("see the deploy's own page{}", self.page_of(&deploy.id)))
                .hint(STILL_SERVES),
        }
    }

    /// The deploy that took this one's place, if any is listed within a few seconds.
    pub(crate) async fn successor(&self, deploy: &Deploy) -> Option<Deploy> {
        let schedule = Schedule::new(SUCCESSOR_APPEARS_WITHIN, Duration::from_secs(2)).at_once();
        let found = wait::until(self.context.clock(), schedule, "newer deploy", async |_| {
            Ok::<_, http::Error>(match look(self.look_at_deploys().await)? {
                Ok(history) => match successor(&history, deploy) {
                    Some(newer) => Look::Done(newer),
                    None => Look::NotYet(Unseen),
                },
                Err(fault) => Look::Fault(fault),
            })
        });
        match found.await {
            Ok(newer) => Some(newer),
            Err(Ended::TimedOut(_)) => None,
            Err(Ended::Failed(error)) => {
                tracing::info!("whether a newer deploy took its place is not known: {error}");
                None
            }
        }
    }

    /// Writes what the run came to into the job summary.
    pub(crate) fn summarise(&self, deploy: &Deploy, origin: Origin, changed: &[&str], took: Duration) {
        let changed = match changed {
            [] => "none".to_owned(),
            keys => keys.iter().map(|key| markdown::code(key)).collect::<Vec<_>>().join(", "),
        };
        let rows = [
            ["Service".to_owned(), markdown::text(&self.name())],
            ["Ships".to_owned(), markdown::code(&shipped(deploy))],
            [
                "Deploy".to_owned(),
                format!("{}, {}", crate::words::link(&self.service, &deploy.id), origin.words()),
            ],
            ["Status".to_owned(), markdown::code(deploy.status.word())],
            ["Took".to_owned(), short(took)],
            ["Variables changed".to_owned(), changed],
        ];
        let table = markdown::table(["What", ""], rows);
        self.context.summarise(&format!("### {}\n\n{table}\n", self.request.title));
    }

    /// Puts the end of the deploy's log into the summary; returns how many lines.
    async fn show_log(&self, deploy: &Deploy) -> Result<usize, http::Error> {
        if self.request.log_lines == 0 {
            return Ok(0);
        }
        let types = match deploy.status {
            Status::BuildFailed => &[LogType::Build][..],
            _ => &[LogType::Build, LogType::App],
        };
        let filter = LogFilter {
            owner: &self.service.owner_id,
            service: &self.service.id,
            types,
            since: deploy.created_at,
            limit: self.request.log_lines,
        };
        let lines = self.render.log_tail(&filter).await?;
        let lines: Vec<String> = lines.iter().flat_map(|line| line.message.lines()).map(cut).collect();
        let lines = &lines[lines.len().saturating_sub(self.request.log_lines)..];
        if !lines.is_empty() {
            self.context.summarise(&format!(
                "The last {} of the log:\n\n{}\n",
                count(lines.len(), "line"),
                markdown::block(&lines.join("\n"))
            ));
        }
        Ok(lines.len())
    }
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}... (cut)", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        let cut = cut(&"ä".repeat(600));
        assert_eq!(cut, format!("{}... (cut)", "ä".repeat(500)));
    }
}
