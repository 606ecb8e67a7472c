//! Checks that each variable stands where the deploy manifest says it belongs
//! (ADR-053 D7 and D8). It only reads: writing an env group would deploy every
//! service that is linked to it.

mod read;
mod report;
mod rules;

use action::{BadInput, Context, Done, Effect, Failure, Primitive, Secret};
use render::{API_KEY, NotAnId, Render, ServiceId};

use crate::rules::Rules;

/// The primitive.
#[derive(Debug)]
pub struct EnvGroupLint;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Path of the deploy manifest, from the working directory on; its `env` says where each variable belongs
    #[arg(long, default_value = manifest_file::USUAL)]
    manifest: String,

    /// Ids of services to check instead of the manifest's, one a line, such as those of staging
    #[arg(long)]
    services: Option<String>,
}

action::outputs! {
    /// What was found.
    pub struct LintOutputs {
        /// How many services were checked.
        services: "services" => usize,
        /// How many env groups are linked to them.
        groups: "groups" => usize,
        /// How many variables stand where they do not belong.
        findings: "findings" => usize,
    }
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    manifest: String,
    /// Empty: the manifest's.
    services: Vec<ServiceId>,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let mut services: Vec<ServiceId> = Vec::new();
        for line in action::lines(inputs.services.as_deref().unwrap_or_default()) {
            let id = line.parse().map_err(|error: NotAnId| BadInput::new("services", error.to_string()))?;
            if services.contains(&id) {
                return Err(BadInput::new("services", format!("{id} is listed twice")));
            }
            services.push(id);
        }
        Ok(Self { manifest: manifest_file::path("manifest", &inputs.manifest)?, services })
    }
}

impl Primitive for EnvGroupLint {
    const NAME: &'static str = "env-group-lint";
    const ABOUT: &'static str = "Check that each variable stands where the deploy manifest says it belongs";
    const GUIDE: &'static str = "\
The manifest's `env` puts variables into four classes, and this looks at every service of the
manifest, blue and green, and at the env groups that are linked to them:

- `per_service`: tied to the code that runs. In an env group it would reach both colours at once, and
  changing it there deploys every linked service that has auto-deploy on;
- `group`: shared. On a service it hides the group's value, since a service's own value wins;
- `image_baked`: fixed when the image is built. As a variable it could say something else;
- `github`: a token of the workflow. On Render the running code, and whoever breaks it, could use it.

A variable of a linked group that a service sets itself is hidden there, whatever its class; that is a
finding too. Case does not count. All findings stand in one table, by name only: values are never
shown. Then the run is refused. Nothing is ever changed.

`${{ vars.NAME }}` in the manifest names a variable that the workflow puts into `env`.

Run it in a workflow of your own: on a schedule, and on pull requests that change the manifest. Its job
checks the repository out (`contents: read`) and names the environment that holds RENDER_API_KEY and these
variables. Pull requests of a fork get no secrets.

Example:
  env-group-lint --manifest .github/deploy-manifest.yml";
    const EFFECT: Effect = Effect::Reads;
    const SECRETS: &'static [Secret] = &[render::SECRET];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = LintOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut LintOutputs) -> Result<Done, Failure> {
        let manifest = manifest_file::read(context, &job.manifest)?;
        let rules = Rules::new(&manifest.env);
        if rules.is_empty() {
            return Err(Failure::invalid(format!(
                "{} has no variables under `env`, so nothing can be checked",
                job.manifest
            ))
            .hint("list them by class: per_service, group, image_baked, github"));
        }
        let services =
            if job.services.is_empty() { read::services(&manifest, context)? } else { job.services.clone() };
        let render = Render::new(context, context.secret(API_KEY)?)?;
        let estate = read::estate(&render, &services).await?;
        let findings = rules.findings(&estate);
        outputs.services = Some(estate.services.len());
        outputs.groups = Some(estate.groups.len());
        outputs.findings = Some(findings.len());
        context.summarise(&report::markdown(&estate, &findings));
        report::end(&estate, &findings)
    }
}
