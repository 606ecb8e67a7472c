//! Tells which colour of each affected target is live and which stands by, from where
//! the public names point (ADR-052 D5, ADR-053 D9 step 11), and refuses while a flip
//! is unfinished.

mod inputs;
mod report;
mod unfinished;

use action::{Context, Done, Effect, Failure, Primitive, Secret};
use cloudflare::Cloudflare;
use colours::{Estate, TOKEN};
use manifest_file::{Origin, Resolved, Values};

pub use crate::inputs::{Inputs, Job};
use crate::report::Report;

/// The primitive.
#[derive(Debug)]
pub struct ColorResolve;

action::outputs! {
    /// The roles of the affected targets.
    pub struct Roles {
        /// Affected targets that have two colours: a sorted JSON list of names such as `["api","workers"]`; absent after an error
        flips: "flips" => String,
        /// Where each of them is deployed now: JSON such as `{"api":{"colour":"green","service":"srv-2","origin":"https://api-green.onrender.com","host":"api-green.onrender.com","hostnames":["api.example.com"]}}`; a worker has no origin, no host and no names
        standby: "standby" => String,
        /// What serves each of them now, in the same form
        live: "live" => String,
        /// Where their public names are to point, one `host standby-origin` a line: the input `records` of cname-flip
        records: "records" => String,
        /// Where they point now, one `host live-origin` a line: the input `expect` of cname-flip
        expect: "expect" => String,
        /// The services behind the standby origins, one `standby-origin service-id` a line: the input `render-services` of cname-flip
        render_services: "render-services" => String,
        /// Ids of the services that serve now, one a line: the input `services` of blue-quiet
        live_services: "live-services" => String,
    }
}

impl Primitive for ColorResolve {
    const NAME: &'static str = "color-resolve";
    const ABOUT: &'static str =
        "Tell which colour of each target is live and which stands by, from the public names";
    const GUIDE: &'static str = "\
Blue and green are places; live and standby are roles, which a cutover swaps. The deploy manifest
says where both colours of a target are, and its `hostnames` are the names that visitors use. The
colour that the CNAMEs of these names point at is live, the other one stands by.

Coupled targets are one group, with one live colour: all names of the group must agree, and a target
without a name, such as a worker, follows the others. A group without any name is refused.

Refused as well: a CNAME that points at neither colour, a name without a CNAME, and, as stale, names
of one group that disagree. With DATABASE_URL the ledger is asked for an unfinished flip:

- of this very run (`run-id`): the roles are those of before it, so that a re-run goes on where the
  run stopped;
- of another run, whose names are all where they were before it: nothing moved, or it was put back;
  a warning says so, and the next intent closes it, unless this run does not move all of these
  names; then it is stale, and the hint says how to close it;
- of another run otherwise: stale, and the hints say how to finish it and how to undo it.

An `origin` of the manifest is a host name, or an address such as `https://api-green.onrender.com`;
`${{ vars.NAME }}` names a variable that the workflow puts into `env`. Nothing affected is no error:
`flips` is then `[]`.

Example:
  color-resolve --targets '[\"api\",\"workers\"]' --zone-id 023e105f4ecef8ad9ca31a8372d0c353";
    const EXAMPLE: &'static [(&'static str, &'static str)] =
        &[("targets", "${{ steps.resolve.outputs.targets }}"), ("zone-id", "${{ vars.ZONE_ID }}")];
    const EFFECT: Effect = Effect::Reads;
    const SECRETS: &'static [Secret] = &[
        Secret {
            variable: TOKEN,
            input: "cloudflare-api-token",
            help: "Cloudflare API token with the permission DNS: Read for the zone.",
            required: true,
        },
        Secret { required: false, ..postgres::ledger::SECRET },
    ];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = Roles;

    async fn run(job: &Job, context: &Context, outputs: &mut Roles) -> Result<Done, Failure> {
        let own = unfinished::own_run(job, context)?;
        let manifest = manifest_file::read(context, &job.manifest)?;
        let mut values = Values::new(context);
        let estate = Estate::new(&manifest, &job.targets, |service| {
            let Resolved { service, origin } = values.service(service)?;
            Some((service, origin.map(|Origin { host, url }| colours::Origin { host, url })))
        })?;
        values.finish()?;
        if estate.is_empty() {
            tracing::info!("no affected target has two colours: nothing flips");
            Report::default().tell(context, outputs)?;
            return Ok(Done::Success);
        }
        let open = unfinished::find(context).await?;
        let hosts = estate.hosts().chain(open.iter().flat_map(unfinished::Open::hosts));
        let cloudflare = Cloudflare::new(context, context.secret(TOKEN)?)?;
        let now = colours::pointing(&cloudflare, &job.zone_id, hosts).await?;
        let before = match &open {
            Some(open) => open.judge(job, own, context, &now, &estate.hosts().collect::<Vec<_>>())?,
            None => None,
        };
        let report = Report::new(estate.roles(&now, before.as_ref())?);
        report.tell(context, outputs)?;
        Ok(Done::Success)
    }
}
