//! `--describe`: the primitive's definition as JSON, from which `action.yml`,
//! the README's tables and their freshness tests are made.

use clap::{Arg, ArgAction, Command};
use serde::Serialize;

use crate::outputs::{OutputSpec, Outputs as _, RESULT};
use crate::primitive::{Effect, Primitive};

/// Everything that a generator needs to know of a primitive.
#[derive(Serialize)]
struct Description {
    name: &'static str,
    about: &'static str,
    guide: &'static str,
    example: Vec<Given>,
    changes: bool,
    inputs: Vec<Input>,
    secrets: Vec<Secret>,
    outputs: Vec<Output>,
}

#[derive(Serialize)]
struct Given {
    name: &'static str,
    value: &'static str,
}

#[derive(Serialize)]
struct Input {
    name: String,
    description: String,
    required: bool,
    default: Option<String>,
    values: Vec<String>,
    boolean: bool,
}

#[derive(Serialize)]
struct Secret {
    variable: &'static str,
    input: &'static str,
    description: &'static str,
    required: bool,
}

#[derive(Serialize)]
struct Output {
    name: &'static str,
    description: &'static str,
}

/// The description of `P` as indented JSON with a final line end.
pub(crate) fn describe<P: Primitive>(command: &Command) -> Result<String, serde_json::Error> {
    let description = Description {
        name: P::NAME,
        about: P::ABOUT,
        guide: P::GUIDE,
        example: P::EXAMPLE.iter().map(|&(name, value)| Given { name, value }).collect(),
        changes: P::EFFECT == Effect::Changes,
        inputs: command.get_arguments().filter_map(input).collect(),
        secrets: P::SECRETS.iter().map(secret).collect(),
        outputs: P::Outputs::SPECS.iter().chain([&RESULT]).map(output).collect(),
    };
    serde_json::to_string_pretty(&description).map(|json| json + "\n")
}

fn input(arg: &Arg) -> Option<Input> {
    let name = arg.get_long().filter(|_| arg.get_id() != "describe")?;
    let boolean = arg.get_default_values() == ["false"]
        && arg.get_num_args().is_some_and(|range| range.min_values() == 0);
    Some(Input {
        name: name.to_owned(),
        description: arg
            .get_long_help()
            .or_else(|| arg.get_help())
            .map(ToString::to_string)
            .unwrap_or_default(),
        required: arg.is_required_set(),
        default: arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned()),
        values: if matches!(arg.get_action(), ArgAction::Set) && !boolean {
            arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
        } else {
            Vec::new()
        },
        boolean,
    })
}

fn secret(secret: &crate::secret::Secret) -> Secret {
    Secret {
        variable: secret.variable,
        input: secret.input,
        description: secret.help,
        required: secret.required,
    }
}

fn output(spec: &OutputSpec) -> Output {
    Output { name: spec.name, description: spec.help }
}
