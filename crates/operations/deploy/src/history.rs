//! The deploys of a service, newest first.

use render::{Deploy, Status};

use crate::mark::Newest;

/// A page of deploys, in the order of their making.
#[derive(Clone, Debug, Default)]
pub(crate) struct History(Vec<Deploy>);

impl History {
    /// Sorts by Render's own time stamps; its reference does not promise an order.
    /// Ties, and deploys without a time stamp, stay in the order of the answer.
    pub(crate) fn new(mut deploys: Vec<Deploy>) -> Self {
        if deploys.iter().all(|deploy| deploy.created_at.is_some()) {
            deploys.sort_by_key(|deploy| std::cmp::Reverse(deploy.created_at));
        }
        Self(deploys)
    }

    /// All of them, newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Deploy> {
        self.0.iter()
    }

    /// The newest, as a mark or a search wants it.
    pub(crate) fn newest(&self) -> Newest {
        self.0.first().map_or(Newest::Nothing, |deploy| Newest::Deploy(deploy.id.clone()))
    }

    /// The deploy that serves.
    pub(crate) fn live(&self) -> Option<&Deploy> {
        self.iter().find(|deploy| deploy.status == Status::Live)
    }

    /// The newest deploy that has not ended. Render runs one at a time per service
    /// (its docs, deploys), so none that is older than the live one is on its way,
    /// whatever a status that we do not know may mean.
    pub(crate) fn under_way(&self) -> Option<&Deploy> {
        let newer = self.iter().take_while(|deploy| deploy.status != Status::Live);
        newer.into_iter().find(|deploy| !deploy.status.is_terminal())
    }

    /// Those that came after `newest`, newest first. None when it is not on the
    /// page: then nothing can be said, and nothing is what harms least.
    pub(crate) fn since(&self, newest: &Newest) -> &[Deploy] {
        match newest {
            Newest::Nothing => &self.0,
            Newest::Deploy(id) => {
                let place = self.0.iter().position(|deploy| deploy.id == *id);
                place.map_or(&[], |place| &self.0[..place])
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use render::{Commit, Trigger};

    use super::*;

    /// A deploy made by the API in second `number`, which also is its id.
    pub(crate) fn deploy(number: u64, commit: &str, status: Status) -> Deploy {
        Deploy {
            id: format!("dep-{number}").parse().unwrap(),
            status,
            trigger: Some(Trigger::Api),
            commit: Some(Commit { id: commit.to_owned() }),
            image: None,
            created_at: Some(std::time::UNIX_EPOCH + std::time::Duration::from_secs(number)),
            finished_at: None,
        }
    }

    #[test]
    fn order_comes_from_renders_time_stamps() {
        let deploys = [1, 3, 2].map(|number| deploy(number, "a", Status::Live));
        let history = History::new(deploys.to_vec());
        let ids = |deploys: &[Deploy]| deploys.iter().map(|deploy| deploy.id.to_string()).collect::<Vec<_>>();
        assert_eq!(ids(&history.0), ["dep-3", "dep-2", "dep-1"]);
        let newest = |id: &str| Newest::Deploy(id.parse().unwrap());
        assert_eq!(ids(history.since(&newest("dep-2"))), ["dep-3"]);
        assert_eq!(ids(history.since(&newest("dep-3"))), [""; 0]);
        assert_eq!(ids(history.since(&newest("dep-0"))), [""; 0]);
        assert_eq!(ids(history.since(&Newest::Nothing)).len(), 3);
        assert_eq!(history.newest(), newest("dep-3"));
        assert_eq!(History::default().newest(), Newest::Nothing);
    }

    #[test]
    fn without_time_stamps_the_answers_order_holds() {
        let mut deploys = [2, 1].map(|number| deploy(number, "a", Status::Live)).to_vec();
        deploys[1].created_at = None;
        deploys.swap(0, 1);
        assert_eq!(History::new(deploys).newest(), Newest::Deploy("dep-1".parse().unwrap()));
    }
}
