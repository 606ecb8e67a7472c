//! Validated inputs.

use std::time::Duration;

use action::{BadInput, lines};
use deploy::Line;
use render::{EnvGroupId, ServiceId};

use crate::{Inputs, Mode};

/// The variables that make a worker drain (ADR-053 D13).
pub(crate) const GENERATION: &str = "SPECTRAL_GENERATION";
pub(crate) const DRAIN_AND_EXIT: &str = "SPECTRAL_DRAIN_AND_EXIT";
pub(crate) const COOLING: &str = "SPECTRAL_DRAIN_COOLING_SECONDS";

/// Which generation, and what to do about it.
#[derive(Debug)]
pub struct Job {
    pub(crate) generation: u64,
    pub(crate) target: String,
    /// Nothing when it is only to be read.
    pub(crate) drain: Option<Order>,
}

/// How to drain.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) model: ServiceId,
    pub(crate) groups: Vec<EnvGroupId>,
    pub(crate) variables: Vec<Line>,
    pub(crate) cooling: Option<Duration>,
    pub(crate) checkout: String,
    pub(crate) timeout: Duration,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let (generation, target) = (inputs.target_generation, inputs.target.trim().to_owned());
        if target.is_empty() || target.contains(char::is_control) {
            return Err(BadInput::new("target", "names no target").hint("such as `workers`"));
        }
        let drain = match inputs.mode {
            Mode::Read => {
                refuse_what_only_a_drain_takes(&inputs)?;
                None
            }
            Mode::Drain => Some(Order::new(inputs)?),
        };
        Ok(Self { generation, target, drain })
    }
}

fn refuse_what_only_a_drain_takes(inputs: &Inputs) -> Result<(), BadInput> {
    let given = [
        ("model-service", inputs.model_service.is_some()),
        ("env-groups", inputs.env_groups.is_some()),
        ("env", inputs.env.is_some()),
        ("cooling", inputs.cooling.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some((input, _)) => Err(BadInput::new(input, "is for `mode: drain` only")),
        None => Ok(()),
    }
}

impl Order {
    fn new(inputs: Inputs) -> Result<Self, BadInput> {
        let model = inputs.model_service.ok_or_else(|| {
            BadInput::new("model-service", "is needed for `mode: drain`")
                .hint("the id of either colour of the workers; the temporary service is made like it")
        })?;
        let model = model.parse::<ServiceId>().map_err(|error| {
            BadInput::new("model-service", error.to_string())
                .hint("it stands in the address of the service's page on dashboard.render.com")
        })?;
        let groups = inputs.env_groups.unwrap_or_default();
        let groups = lines(&groups).map(|line| line.trim().parse::<EnvGroupId>());
        let groups = groups.collect::<Result<Vec<_>, _>>().map_err(|error| {
            BadInput::new("env-groups", error.to_string()).hint("one id a line; no name of a group")
        })?;
        if inputs.timeout.is_zero() {
            return Err(BadInput::new("timeout", "must be longer than nothing").hint("such as `60m`"));
        }
        if inputs.cooling.is_some_and(|cooling| cooling.subsec_nanos() != 0 || cooling >= inputs.timeout) {
            return Err(BadInput::new("cooling", "must be whole seconds, and shorter than `timeout`"));
        }
        Ok(Self {
            model,
            groups,
            variables: variables(&inputs.env.unwrap_or_default())?,
            cooling: inputs.cooling,
            checkout: inputs.checkout,
            timeout: inputs.timeout,
        })
    }
}

/// The input `env`, without the variables that a drain sets itself.
fn variables(text: &str) -> Result<Vec<Line>, BadInput> {
    let lines = deploy::lines(text)?;
    match lines.iter().find(|line| [GENERATION, DRAIN_AND_EXIT, COOLING].contains(&line.key())) {
        Some(line) => Err(BadInput::new("env", format!("{} is set by the drain itself", line.key()))
            .hint("leave it out; `target-generation` and `cooling` say what it is to hold")),
        None => Ok(lines),
    }
}
