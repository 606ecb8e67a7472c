//! What a rehearsal starts with.

use super::habit::Habits;
use super::plan::Plan;
use super::settings::{AutoDeploy, ServiceType};

/// A service to put into the twin.
///
/// Unless told otherwise it belongs to [`super::OWNER`], follows the branch
/// `main`, has auto-deploy off, no variables, no domain and never deployed.
#[derive(Clone, Debug)]
pub struct NewService {
    pub(super) name: String,
    pub(super) kind: ServiceType,
    pub(super) owner: String,
    pub(super) branch: String,
    pub(super) image: Option<String>,
    pub(super) auto_deploy: AutoDeploy,
    pub(super) shows_auto_deploy_trigger: bool,
    pub(super) region: String,
    pub(super) environment: Option<String>,
    pub(super) variables: Vec<(String, String)>,
    pub(super) live: Option<String>,
    pub(super) plan: Plan,
    pub(super) habits: Habits,
}

impl NewService {
    /// A web service called `name`.
    #[must_use]
    pub fn web(name: &str) -> Self {
        Self::new(name, ServiceType::Web)
    }

    /// A service of any type called `name`. A cron job's deploys are live at once,
    /// as one was recorded (its 201 said `live`); habits are those of
    /// [`Habits::usual`].
    #[must_use]
    pub fn new(name: &str, kind: ServiceType) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            owner: super::OWNER.to_owned(),
            branch: "main".to_owned(),
            image: None,
            auto_deploy: AutoDeploy::Off,
            shows_auto_deploy_trigger: true,
            region: "oregon".to_owned(),
            environment: None,
            variables: Vec::new(),
            live: None,
            plan: match kind {
                ServiceType::Cron => Plan::at_once(),
                _ => Plan::live(),
            },
            habits: Habits::usual(kind),
        }
    }

    /// The workspace it belongs to.
    #[must_use]
    pub fn owner(mut self, id: &str) -> Self {
        id.clone_into(&mut self.owner);
        self
    }

    /// The branch it follows.
    #[must_use]
    pub fn branch(mut self, branch: &str) -> Self {
        branch.clone_into(&mut self.branch);
        self
    }

    /// It runs this image instead of a repository's code.
    #[must_use]
    pub fn image(mut self, path: &str) -> Self {
        self.image = Some(path.to_owned());
        self
    }

    /// What starts deploys by itself.
    #[must_use]
    pub fn auto_deploy(mut self, auto_deploy: AutoDeploy) -> Self {
        self.auto_deploy = auto_deploy;
        self
    }

    /// It shows `autoDeploy` alone, as services recorded before 2025 do.
    #[must_use]
    pub fn without_auto_deploy_trigger(mut self) -> Self {
        self.shows_auto_deploy_trigger = false;
        self
    }

    /// The region it runs in, `oregon` unless given.
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    /// The environment (of a Render project) that it is in.
    #[must_use]
    pub fn environment(mut self, id: &str) -> Self {
        self.environment = Some(id.to_owned());
        self
    }

    /// A variable of its own.
    #[must_use]
    pub fn variable(mut self, key: &str, value: &str) -> Self {
        self.variables.push((key.to_owned(), value.to_owned()));
        self
    }

    /// A deploy of this commit (of its image, if it has one) went live yesterday,
    /// with the variables given here.
    #[must_use]
    pub fn live(mut self, commit: &str) -> Self {
        self.live = Some(commit.to_owned());
        self
    }

    /// What its deploys do, unless a plan is made for one of them.
    #[must_use]
    pub fn plan(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self
    }

    /// Its awkward habits.
    #[must_use]
    pub fn habits(mut self, habits: Habits) -> Self {
        self.habits = habits;
        self
    }
}
