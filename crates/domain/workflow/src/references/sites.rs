//! Every place of a file where an expression stands or may stand.

use crate::expression::{Condition, ExpressionError, Place, References, Template};
use crate::problem::Path;
use crate::workflow::{Action, Job, Step, Values, Workflow};

/// One place.
pub(super) struct Site<'w> {
    pub(super) path: Path,
    pub(super) place: Place,
    pub(super) text: Text<'w>,
    pub(super) job: Option<&'w Job>,
    /// Of a step: its index.
    pub(super) step: Option<usize>,
}

/// What stands there.
pub(super) enum Text<'w> {
    Template(&'w Template),
    Condition(&'w Condition),
}

impl Text<'_> {
    pub(super) fn check(&self, place: Place) -> Result<(), ExpressionError> {
        match self {
            Self::Template(template) => template.check(place),
            Self::Condition(condition) => condition.check(place),
        }
    }

    pub(super) fn references(&self) -> References {
        match self {
            Self::Template(template) => template.references(),
            Self::Condition(condition) => condition.references(),
        }
    }
}

/// All of them, in the order of the types.
pub(super) fn of(workflow: &Workflow) -> Vec<Site<'_>> {
    let mut sites = Sites { found: Vec::new(), job: None, step: None };
    let top = Path::default();
    if let Some(concurrency) = &workflow.concurrency {
        sites.template(top.key("concurrency").key("group"), Place::Concurrency, Some(&concurrency.group));
    }
    sites.values(&top.key("env"), Place::Env, &workflow.env);
    for job in &workflow.jobs {
        sites.job = Some(job);
        sites.job(job, &top.key("jobs").key(&job.id));
    }
    sites.found
}

struct Sites<'w> {
    found: Vec<Site<'w>>,
    job: Option<&'w Job>,
    step: Option<usize>,
}

impl<'w> Sites<'w> {
    fn job(&mut self, job: &'w Job, path: &Path) {
        self.condition(path.key("if"), Place::JobIf, job.condition.as_ref());
        self.template(path.key("runs-on"), Place::JobRunsOn, Some(&job.runs_on));
        if let Some(environment) = &job.environment {
            let path = path.key("environment");
            self.template(path.clone(), Place::JobEnvironment, Some(&environment.name));
            self.template(path.key("url"), Place::JobEnvironmentUrl, environment.url.as_ref());
        }
        self.values(&path.key("outputs"), Place::JobOutput, &job.outputs);
        self.values(&path.key("env"), Place::JobEnv, &job.env);
        for (index, step) in job.steps.iter().enumerate() {
            self.step = Some(index);
            self.step(step, &path.key("steps").item(index));
        }
        self.step = None;
    }

    fn step(&mut self, step: &'w Step, path: &Path) {
        self.condition(path.key("if"), Place::StepIf, step.condition.as_ref());
        self.template(path.key("name"), Place::StepName, step.name.as_ref());
        self.values(&path.key("env"), Place::StepEnv, &step.env);
        match &step.action {
            Action::Uses { with, .. } => self.values(&path.key("with"), Place::StepWith, with),
            Action::Run { run, working_directory, .. } => {
                self.template(path.key("run"), Place::StepRun, Some(run));
                let place = Place::StepWorkingDirectory;
                self.template(path.key("working-directory"), place, working_directory.as_ref());
            }
        }
    }

    fn values(&mut self, path: &Path, place: Place, values: &'w Values) {
        for (name, value) in values {
            self.template(path.key(name), place, Some(value));
        }
    }

    fn template(&mut self, path: Path, place: Place, template: Option<&'w Template>) {
        self.add(path, place, template.map(Text::Template));
    }

    fn condition(&mut self, path: Path, place: Place, condition: Option<&'w Condition>) {
        self.add(path, place, condition.map(Text::Condition));
    }

    fn add(&mut self, path: Path, place: Place, text: Option<Text<'w>>) {
        let site = text.map(|text| Site { path, place, text, job: self.job, step: self.step });
        self.found.extend(site);
    }
}
