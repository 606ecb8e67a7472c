//! What a person reads in the end: the output and the job summary.

use action::markdown;

use crate::disturbance::Disturbance;
use crate::watch::Watch;
use crate::words::{short, time};

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
