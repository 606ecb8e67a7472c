//! Binds a KV namespace to a Pages project or a Worker (ADR-053 D1).

mod bindings;
mod job;
mod namespace;
mod run;
mod target;

use action::{Context, Done, Effect, Failure, Primitive, Secret};

pub use crate::job::Job;

/// The primitive.
#[derive(Debug)]
pub struct KvBind;

/// Which deployments of a Pages project get the binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum PagesEnvironment {
    /// Those of the production branch
    Production,
    /// All others
    Preview,
}

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Account that owns the namespace and the project: 32 hexadecimal digits
    #[arg(long)]
    account_id: String,

    /// KV namespace: its title, or its id of 32 hexadecimal digits
    #[arg(long)]
    namespace: String,

    /// Create the namespace when no one has the title
    #[arg(long)]
    create: bool,

    /// Name of the binding: the variable in the code
    #[arg(long)]
    binding: String,

    /// Pages project that gets the binding; either this or worker-script
    #[arg(long)]
    pages_project: Option<String>,

    /// Worker script that gets the binding; either this or pages-project
    #[arg(long)]
    worker_script: Option<String>,

    /// Which deployments of the Pages project: `production` (the default) or `preview`; a Worker has none
    #[arg(long, value_enum, hide_possible_values = true)]
    environment: Option<PagesEnvironment>,
}

action::outputs! {
    /// What is bound.
    pub struct BindOutputs {
        /// Id of the namespace.
        namespace_id: "namespace-id" => String,
        /// Whether the namespace or the binding has been changed: true or false.
        changed: "changed" => bool,
        /// Whether a deployment must follow before the binding is sure to be in use: true for a Pages project that has it, also where it was there before; false for a Worker, and where nothing has been bound.
        deploy_needed: "deploy-needed" => bool,
    }
}

impl Primitive for KvBind {
    const NAME: &'static str = "kv-bind";
    const ABOUT: &'static str =
        "Bind a Cloudflare KV namespace to a Pages project or a Worker, and keep every other binding";
    const GUIDE: &'static str = "\
Finds the namespace (or creates it, with `create`), reads the bindings, adds or changes the one that
you name, and reads them back: every other binding is kept. A name that another kind of binding uses
is refused, and so is a title that two namespaces share. A second run changes nothing and ends as
unchanged.

A Pages project uses a binding from its next deployment on; `deploy-needed` says so. It says so too
where the binding was there already: Cloudflare tells neither when it was made nor what a deployment
has, and the run that made it may have been killed before its deployment. So deploy whenever it is
true; `changed` tells whether this run did anything. A Worker gets a new version, which serves at
once. A later `wrangler deploy` sets the bindings that its own file lists, so list the namespace there
too.

Example:
  kv-bind --account-id 023e105f4ecef8ad9ca31a8372d0c353 --namespace content --create \\
    --binding CONTENT --pages-project docs";
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[
        ("account-id", "${{ vars.CLOUDFLARE_ACCOUNT_ID }}"),
        ("namespace", "content"),
        ("binding", "CONTENT"),
        ("pages-project", "docs"),
    ];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] = &[Secret {
        variable: "CLOUDFLARE_API_TOKEN",
        input: "cloudflare-api-token",
        help: "Cloudflare API token with the permissions Workers KV Storage: Edit, and Cloudflare Pages: Edit or Workers Scripts: Edit.",
        required: true,
    }];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = BindOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut BindOutputs) -> Result<Done, Failure> {
        run::run(job, context, outputs).await
    }
}
