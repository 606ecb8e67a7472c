//! Moves public names in Cloudflare's DNS from one service to another, and back
//! (ADR-053 D9 step 11 and D14.2, runbook step 11): inputs and outputs of the operation
//! [`flip`], which does all of it.

mod job;

use std::time::Duration;

pub use crate::job::Job;
use action::{Context, Done, Effect, Failure, Primitive, Secret};
use flip::{DEFAULT_PROBE, DEFAULT_TTL, Listener, VerifyDns};

/// The primitive.
#[derive(Debug)]
pub struct CnameFlip;

/// What a run is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Move the names
    Flip,
    /// Verify everything that a flip would, and change nothing
    Check,
    /// Put back what `previous` says
    Restore,
}

impl From<Mode> for flip::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Flip => Self::Flip,
            Mode::Check => Self::Check,
            Mode::Restore => Self::Restore,
        }
    }
}

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Zone that holds the names: 32 hexadecimal digits, from its overview page
    #[arg(long)]
    zone_id: String,

    /// Where names are to point, one `host target` a line, such as `api.example.com api-green.onrender.com`
    #[arg(long)]
    records: Option<String>,

    /// What names must point at now, one `host target` a line; anything else ends the run as stale before a name moves
    #[arg(long)]
    expect: Option<String>,

    /// `flip` moves, `check` verifies everything that a flip would and changes nothing, `restore` puts back what `previous` says
    #[arg(long, value_enum, default_value_t = Mode::Flip, hide_possible_values = true)]
    mode: Mode,

    /// For `mode: restore`: the output `previous` of the flip to undo, one `host target ttl=60 comment="..."` a line; ttl and comment may be left out
    #[arg(long)]
    previous: Option<String>,

    /// Seconds that resolvers may keep an answer, set on every name that is not proxied; 30 to 59 on Enterprise only
    #[arg(long, default_value_t = DEFAULT_TTL, value_parser = clap::value_parser!(u32).range(30..=86_400))]
    ttl: u32,

    /// For how long the TTL must have been that short before a name moves; `0s` flips regardless
    #[arg(long, default_value = "2h", value_parser = action::duration)]
    min_ttl_age: Duration,

    /// Path that every target must answer with 2xx under the public name before a name moves; `off` asks for nothing
    #[arg(long, default_value = DEFAULT_PROBE)]
    probe: String,

    /// Ask the authoritative name servers until they answer the new target: `true` for at most two minutes, a duration such as `30s` for that long; `false` trusts the API
    #[arg(
        long, default_value = "true", default_missing_value = "true", num_args = 0..=1, require_equals = true,
        value_parser = verify_dns
    )]
    verify_dns: VerifyDns,

    /// How long Cloudflare's API has to show what was changed, before the change counts as not made or is put back
    #[arg(long, default_value = "30s", value_parser = action::duration)]
    read_back: Duration,

    /// Authoritative servers to ask instead of the zone's own, one `host` or `host:port` a line
    #[arg(long)]
    nameserver: Option<String>,

    /// Render services behind the targets, one `target service-id` a line: their custom domains are checked before a name moves. A target in `records` that no line names is refused; lines for other targets do no harm
    #[arg(long)]
    render_services: Option<String>,
}

action::outputs! {
    /// What became of the names.
    pub struct FlipOutputs {
        /// What the names were before, one line each, for a later `mode: restore`; written before the first name moves.
        previous: "previous" => String,
        /// Whether any record has been changed: true or false.
        changed: "changed" => bool,
    }
}

impl Primitive for CnameFlip {
    const NAME: &'static str = "cname-flip";
    const ABOUT: &'static str =
        "Move public names in Cloudflare's DNS to other targets, verified, and put them back when that fails";
    const GUIDE: &'static str = "\
Before any name moves:
- every host must have exactly one CNAME, and point where `expect` says (or at its new target
  already: a second run completes what the first one began, and ends as unchanged);
- its TTL must have been at most `ttl` for `min-ttl-age`, told by the record's modified_on or by the
  note [greenroom ttl60 since ...] that an earlier flip left in its comment. A run that names the
  target a host already has only sets the TTL: so it is lowered hours ahead. Whoever raises a TTL by
  hand and lowers it again must delete the note, which would vouch for the time in between as well;
- every target must answer `probe` with 2xx under the public name: the connection goes to the target,
  TLS and Host say the public name, and a redirect is not taken for an answer. A Render service
  answers only for custom domains that are attached to it. For *.example.com the name
  greenroom-probe.example.com is asked;
- with `render-services` the custom domains must be attached there and verified, and every target
  must have its line;
- the name servers must answer a CNAME now, or the flip could not be verified afterwards.

All names of a run move in one batch, one database transaction at Cloudflare, up to 200 records on
the Free plan and 3,500 on others. In practice flip no more than about 200 names at a time: each costs
at least three calls, five when it is put back, and Cloudflare takes 1,200 calls in five minutes from
one user, whoever else spends them. Then the records are read back and the authoritative servers are
asked, as long as `verify-dns` says. If they do not answer the targets, what a flip changed is put
back, and the run ends as failed. Cloudflare's API knows no conditional requests: a change that
somebody else makes between the last look and the batch is overwritten.

A name that is not proxied leads visitors straight to the target: it must have the custom domain
and its certificate there before the flip. A proxied name stays on Cloudflare's addresses: it has no
TTL of its own and moves at once, its new target shows nowhere in DNS, and the target must accept the
public name in TLS (with the SSL mode Full (strict) it needs a valid certificate for it). A name at
the zone's apex, and one whose target is in the same zone, is flattened to addresses: it cannot be
verified in DNS either.

`mode: restore` takes the output `previous` and puts back target, TTL and comment as they were; the
note since when the TTL is short stays, while it is true, so that the next flip need not wait. It
is the way out of an emergency: the TTL's age, the probe (asked once), the custom domains, a target
without its line and name servers that answer no CNAME only give warnings. Wrong inputs, a host
without exactly one CNAME, a world that `expect` does not expect and the API itself stop it. When the
name servers do not follow, the run ends as failed and says which, but the records stay restored.

Example:
  cname-flip --zone-id 023e105f4ecef8ad9ca31a8372d0c353 \\
    --records 'api.example.com api-green.onrender.com' \\
    --expect 'api.example.com api-blue.onrender.com'";
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[
        ("zone-id", "${{ vars.ZONE_ID }}"),
        ("records", "api.example.com api-green.onrender.com"),
        ("expect", "api.example.com api-blue.onrender.com"),
    ];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] = &[
        Secret {
            variable: flip::TOKEN,
            input: "cloudflare-api-token",
            help: "Cloudflare API token with the permissions Zone: Read and DNS: Edit for the zone.",
            required: true,
        },
        Secret {
            variable: render::API_KEY,
            input: "render-api-key",
            help: "Render API key, needed with `render-services` only.",
            required: false,
        },
    ];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = FlipOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut FlipOutputs) -> Result<Done, Failure> {
        flip::run(&job.0, context, &mut Published { context, outputs }).await
    }
}

/// Keeps what is learnt in the outputs, at the moment at which it counts.
struct Published<'a> {
    context: &'a Context,
    outputs: &'a mut FlipOutputs,
}

impl Listener for Published<'_> {
    fn planned(&mut self, previous: String) {
        self.outputs.previous = Some(previous);
        self.outputs.changed = Some(false);
    }

    fn begins(&mut self) -> Result<(), Failure> {
        self.outputs.changed = None;
        self.context.publish(self.outputs)
    }

    fn ended(&mut self, changed: Option<bool>) {
        self.outputs.changed = changed;
    }
}

fn verify_dns(text: &str) -> Result<VerifyDns, String> {
    match (action::boolean(text), text) {
        (Ok(true), _) => Ok(VerifyDns::USUAL),
        (Ok(false), _) | (_, "off") => Ok(VerifyDns::Off),
        _ => action::duration(text)
            .map(VerifyDns::For)
            .map_err(|problem| format!("expected true, false or a duration: {problem}")),
    }
}
