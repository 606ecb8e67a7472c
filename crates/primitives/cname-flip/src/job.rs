//! From words to a request, without looking at the world.

use action::BadInput;
use flip::{Fields, Request, Service, Wish};

use crate::{Inputs, Mode};

/// Validated inputs.
#[derive(Debug)]
pub struct Job(pub(crate) Request);

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let wishes = wishes(&inputs)?;
        let expect = match &inputs.expect {
            Some(text) => flip::pointings("expect", text)?,
            None => Vec::new(),
        };
        let unknown = expect.iter().find(|line| !wishes.iter().any(|wish| wish.pointing.host == line.host));
        if let Some(line) = unknown {
            return Err(BadInput::new("expect", format!("{} is not among the names to move", line.host)));
        }
        let services = services(&inputs)?;
        if inputs.read_back.is_zero() {
            return Err(BadInput::new("read-back", "must be longer than 0s")
                .hint("Cloudflare needs a moment to show a change; 30s leaves room"));
        }
        let request = Request {
            mode: inputs.mode.into(),
            zone_id: String::new(),
            wishes,
            expect,
            ttl: inputs.ttl,
            min_ttl_age: inputs.min_ttl_age,
            probe: None,
            verify_dns: inputs.verify_dns,
            read_back: inputs.read_back,
            servers: Vec::new(),
            services,
        };
        if inputs.mode != Mode::Restore {
            check_services(&request)?;
        }
        Ok(Self(Request {
            zone_id: flip::zone_id("zone-id", &inputs.zone_id)?,
            probe: flip::probe_path("probe", &inputs.probe)?,
            servers: flip::servers("nameserver", inputs.nameserver.as_deref())?,
            ..request
        }))
    }
}

fn services(inputs: &Inputs) -> Result<Vec<Service>, BadInput> {
    inputs
        .render_services
        .as_ref()
        .map_or_else(|| Ok(Vec::new()), |text| flip::services("render-services", text))
}

/// A flip and a check take `records`, a restore takes `previous`; the other one
/// must not be there, since it would be ignored.
fn wishes(inputs: &Inputs) -> Result<Vec<Wish>, BadInput> {
    match (inputs.mode, &inputs.records, &inputs.previous) {
        (Mode::Flip | Mode::Check, Some(records), None) => {
            let wish = |pointing| Wish { pointing, fields: Fields::Short(inputs.ttl) };
            Ok(flip::pointings("records", records)?.into_iter().map(wish).collect())
        }
        (Mode::Restore, None, Some(previous)) => {
            Ok(flip::previous("previous", previous)?.into_iter().map(Wish::from).collect())
        }
        (Mode::Flip | Mode::Check, _, Some(_)) => Err(BadInput::new("previous", "only a restore takes it")
            .hint("give `mode: restore`, or leave `previous` out")),
        (Mode::Flip | Mode::Check, None, None) => Err(BadInput::new("records", "nothing to move")
            .hint("write one `host target` a line, such as `api.example.com api-green.onrender.com`")),
        (Mode::Restore, Some(_), _) => Err(BadInput::new("records", "a restore takes `previous` instead")
            .hint("leave `records` out, or give `mode: flip`")),
        (Mode::Restore, None, None) => Err(BadInput::new("previous", "nothing to restore")
            .hint("pass the output `previous` of the flip that is to be undone; an output of another job that arrives empty counts as not given: check its `needs:`")),
    }
}

/// A target that is misspelt on one of the two sides must not lose its check.
fn check_services(request: &Request) -> Result<(), BadInput> {
    let Some(pointing) = request.unnamed() else { return Ok(()) };
    let problem = format!("no line names {}, the target of {}", pointing.target, pointing.host);
    Err(BadInput::new("render-services", problem)
        .hint(
            "write one `target service-id` a line for every target in `records`; lines for others do no harm",
        )
        .hint("targets that are not on Render are moved by a run of their own, without `render-services`"))
}
