//! What a person reads: the refusal, the output and the job summary.

use std::time::{Duration, SystemTime};

use action::{Failure, markdown};

use crate::disturbance::Disturbance;
use crate::watch::Watch;

/// How many deploys the error names; the summary has them all.
const IN_A_MESSAGE: usize = 5;

/// The refusal that names every deploy.
pub(crate) fn refusal(found: &[Disturbance], since: Option<SystemTime>) -> Failure {
    let mut named: Vec<String> = found.iter().take(IN_A_MESSAGE).map(ToString::to_string).collect();
    if found.len() > IN_A_MESSAGE {
        named.push(format!("and {} more, see the summary", found.len() - IN_A_MESSAGE));
    }
    let since = since.map(|since| format!(" since {}", time(since))).unwrap_or_default();
    Failure::refused(format!("what serves now was not left alone{since}: {}", named.join("; ")))
        .hint("do NOT flip: the way back would lead to something that nobody has verified")
        .hint("look at the env groups that are linked to these services (a change of one is `service_updated`), and verify that auto-deploy is off")
        .hint("nothing visible changed; when the deploy has ended and is understood, run the failed jobs again")
}

/// One line a deploy.
pub(crate) fn lines(found: &[Disturbance]) -> String {
    found.iter().map(|one| format!("{} {}", one.service, one.deploy.id)).collect::<Vec<_>>().join("\n")
}

/// The job summary.
pub(crate) fn markdown(watch: &Watch<'_>) -> String {
    let since = watch.reach().map_or_else(|| "-".to_owned(), time);
    let watched = watch.watched().unwrap_or_default();
    let looks = watch.looks();
    let mut text = format!(
        "### Serving services\n\n{}\nSince {since} by Render's clock. {looks} complete look{}, the last one {} after the first.\n",
        markdown::table(["Service", "Newest deploy", "Status", "Began"], rows(watch)),
        if looks == 1 { "" } else { "s" },
        short(watched),
    );
    if !watch.disturbances().is_empty() {
        let rows = watch.disturbances().iter().map(|one| {
            [
                markdown::text(&format!("{} ({})", one.service, one.name)),
                markdown::code(one.deploy.id.as_str()),
                markdown::text(one.trigger()),
                markdown::text(one.deploy.status.word()),
                format!("{} {}", one.why.word(), one.time().map(time).unwrap_or_default()),
            ]
        });
        text.push_str("\n#### Not left alone\n\n");
        text.push_str(&markdown::table(["Service", "Deploy", "Trigger", "Status", "When"], rows));
    }
    text
}

fn rows(watch: &Watch<'_>) -> impl Iterator<Item = [String; 4]> {
    watch.services().iter().map(|watched| {
        let name = watched.name.as_deref().unwrap_or("not seen");
        let newest = watched.newest.as_ref();
        let cell = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        [
            markdown::text(&format!("{} ({name})", watched.id)),
            cell(newest.map(|deploy| markdown::code(deploy.id.as_str()))),
            cell(newest.map(|deploy| markdown::text(deploy.status.word()))),
            cell(newest.and_then(|deploy| deploy.created_at).map(time)),
        ]
    })
}

fn time(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

/// A duration for people: whole seconds, unless it is shorter than one.
pub(crate) fn short(duration: Duration) -> humantime::FormattedDuration {
    let rounded = if duration.as_secs() > 0 { Duration::from_secs(duration.as_secs()) } else { duration };
    humantime::format_duration(rounded)
}
