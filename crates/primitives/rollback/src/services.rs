//! What has become of the services that served before, by Render's API.

use action::{Context, Failure};
use colours::Side;
use cutover::rollback::{Former, FormerState};
use postgres::ledger::{Deployment, Surroundings};
use render::{Deploy, DeployFilter, Render, ServiceId, Status, Suspension};

use crate::estate::Moved;

/// So many pages of deploys are looked through for one commit, from the newest on: a thousand deploys.
const PAGES: usize = 10;

/// What Render shows.
#[derive(Debug, Default)]
pub(crate) struct Services {
    pub(crate) former: Vec<Former>,
    /// Targets for which Render lists no deploy any more of what they ran before.
    pub(crate) unlisted: Vec<String>,
}

/// Looks at the services of every target that was moved.
pub(crate) async fn look(
    context: &Context,
    render: &Render,
    moved: &[Moved],
    around: &Surroundings,
) -> Result<Services, Failure> {
    let mut services = Services::default();
    for one in moved {
        let base = around.bases.get(&one.target).map(String::as_str);
        let seen = Seen::of(render, &one.former).await?;
        if let Some(base) = base
            && !seen.lists(base)
        {
            let listed = [find(render, &one.former, base).await?, find(render, &one.standby, base).await?];
            if listed.iter().all(|listed| *listed == Listed::No) {
                services.unlisted.push(one.target.clone());
            } else if !listed.contains(&Listed::Yes) {
                context.warn(&format!(
                    "{} has so many deploys that nobody looked whether Render still lists one of {base}",
                    one.target
                ));
            }
        }
        let state = judge(&seen, &one.target, base, around);
        let service = one.former.service.clone();
        services.former.push(Former { target: one.target.clone(), service, state });
    }
    Ok(services)
}

/// A service that served before, as it is now.
struct Seen {
    suspended: bool,
    /// The newest deploys, from the newest on.
    deploys: Vec<Deploy>,
}

impl Seen {
    async fn of(render: &Render, place: &Side) -> Result<Self, Failure> {
        let id = id(place)?;
        let explain = |error| {
            Failure::from(error).context(format!("look at the service {id}")).hint(
            "without Render nobody can tell whether what served before still runs; to lead the names back all the same, use cname-flip with `mode: restore`",
        )
        };
        let service = render.service(&id).await.map_err(explain)?;
        let deploys = render.deploys(&id, &DeployFilter::default()).await.map_err(explain)?.items;
        Ok(Self { suspended: service.suspended == Suspension::Suspended, deploys })
    }

    fn lists(&self, commit: &str) -> bool {
        self.deploys.iter().any(|deploy| has_served(deploy, commit))
    }
}

/// What the service is, compared with what it was. `base` is the commit that it ran, if
/// the ledger knows it.
fn judge(seen: &Seen, target: &str, base: Option<&str>, around: &Surroundings) -> FormerState {
    if seen.suspended {
        return FormerState::Suspended;
    }
    if seen.deploys.iter().any(|deploy| !deploy.status.is_terminal()) {
        return FormerState::Deploying;
    }
    let live = seen.deploys.iter().find(|deploy| deploy.status == Status::Live);
    let Some(runs) = live.and_then(|deploy| deploy.commit.as_ref()) else {
        return FormerState::Runs(None);
    };
    let as_it_was = base.map_or(runs.id != around.row.sha, |base| runs.id == base);
    if !as_it_was {
        return FormerState::Runs(Some(runs.id.clone()));
    }
    // Without a base any later generation may have brought what runs.
    let hides = |row: &&Deployment| {
        row.targets.iter().any(|name| name == target) && base.is_none_or(|base| row.sha == base)
    };
    around
        .beyond
        .iter()
        .find(hides)
        .map_or(FormerState::AsBefore, |row| FormerState::Overtaken(row.generation))
}

/// Whether Render lists a deploy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listed {
    Yes,
    No,
    /// Not among the newest, and the older ones were not looked at.
    Unseen,
}

/// Whether any of the service's deploys served this commit.
async fn find(render: &Render, place: &Side, commit: &str) -> Result<Listed, Failure> {
    let id = id(place)?;
    let mut filter = DeployFilter::default();
    for _ in 0..PAGES {
        let page = render
            .deploys(&id, &filter)
            .await
            .map_err(|error| Failure::from(error).context(format!("list the deploys of {id}")))?;
        if page.items.iter().any(|deploy| has_served(deploy, commit)) {
            return Ok(Listed::Yes);
        }
        filter.cursor = page.next;
        if filter.cursor.is_none() {
            return Ok(Listed::No);
        }
    }
    Ok(Listed::Unseen)
}

fn has_served(deploy: &Deploy, commit: &str) -> bool {
    matches!(deploy.status, Status::Live | Status::Deactivated)
        && deploy.commit.as_ref().is_some_and(|shipped| shipped.id == commit)
}

fn id(place: &Side) -> Result<ServiceId, Failure> {
    place.service.parse().map_err(|problem: render::NotAnId| {
        Failure::invalid(problem.to_string()).hint("check the manifest, and the variables that it names")
    })
}
