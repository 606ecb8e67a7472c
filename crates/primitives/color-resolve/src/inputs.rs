//! What a workflow passes, raw and validated.

use action::BadInput;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Affected targets: a JSON list of names such as `["api","workers"]`, the output `targets` of manifest-resolve
    #[arg(long)]
    targets: String,

    /// Id of the Cloudflare zone that holds the public names: 32 hexadecimal digits
    #[arg(long)]
    zone_id: String,

    /// Path of the deploy manifest, from the working directory on
    #[arg(long, default_value = manifest_file::USUAL)]
    manifest: String,

    /// Id of this workflow run, which the ledger knows its own unfinished flip by; unless given, that of the run it is in (GITHUB_RUN_ID)
    #[arg(long)]
    run_id: Option<u64>,

    /// The input `nameserver` of the cname-flip that moves the names, so that the command which undoes an unfinished flip asks the same servers
    #[arg(long)]
    nameserver: Option<String>,
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    /// Sorted, each once.
    pub(crate) targets: Vec<String>,
    pub(crate) zone_id: String,
    pub(crate) manifest: String,
    pub(crate) run_id: Option<u64>,
    pub(crate) nameserver: Option<String>,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let zone_id = colours::zone_id(inputs.zone_id)?;
        if inputs.run_id == Some(0) {
            return Err(BadInput::new("run-id", "must be at least 1")
                .hint("leave it out: the runner's own id is taken (GITHUB_RUN_ID)"));
        }
        Ok(Self {
            targets: targets(&inputs.targets)?,
            zone_id,
            manifest: manifest_file::path("manifest", &inputs.manifest)?,
            run_id: inputs.run_id,
            nameserver: inputs.nameserver,
        })
    }
}

fn targets(text: &str) -> Result<Vec<String>, BadInput> {
    let mut names = manifest::target_list(text).map_err(|problem| {
        BadInput::new("targets", problem.to_string())
            .hint("pass the output `targets` of manifest-resolve; one that arrives empty means that its job did not run")
    })?;
    names.sort();
    Ok(names)
}
